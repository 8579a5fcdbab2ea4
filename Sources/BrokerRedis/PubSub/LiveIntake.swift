// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import RedisWire
import Synchronization

/// Puts messages of the push connection into the buffer. It never waits: messages that find no room are dropped there
/// by the policy, and counted.
final class LiveIntake: PushReceiver {
    fileprivate struct State {
        var filter: ChannelFilter
        var unreadable = 0
    }

    private let buffer: MemoryProvider
    private let givesUpWhenFull: Bool
    private let state: Mutex<State>

    init(_ buffer: MemoryProvider, overflow: BufferBounds.Overflow, names: RedisChannels) {
        self.buffer = buffer
        givesUpWhenFull = overflow == .disconnect
        state = Mutex(State(filter: ChannelFilter(names)))
    }

    /// How many frames could not be read.
    var unreadable: Int { state.withLock { $0.unreadable } }

    func take(_ events: [PushEvent]) -> Bool {
        let arrivals = state.withLock { state in events.compactMap { state.take($0) } }
        guard !arrivals.isEmpty else { return true }
        let entries = arrivals.map { PublishBatch.Entry(stream: $0.stream, message: LiveEnvelope.decode($0.payload)) }
        return !(buffer.take(entries) && givesUpWhenFull)
    }
}

extension LiveIntake.State {
    fileprivate mutating func take(_ event: PushEvent) -> (stream: StreamName, payload: [UInt8])? {
        switch event {
        case .began(let topic): filter.begin(topic)
        case .ended(let topic): filter.end(topic)
        case .refused: break
        case .lost: filter.endAll()
        case .unreadable: unreadable += 1
        case .message(let message): return filter.stream(of: message).map { ($0, message.payload) }
        }
        return nil
    }
}

/// The topics that the server has confirmed. They decide which copy of a message counts.
///
/// A server sends a message once for each topic that matches its channel. The copy for the channel itself counts, else
/// the copy for the pattern that was confirmed first. Confirmations and messages come in one order, so exactly one copy
/// of each message counts, even while topics change.
struct ChannelFilter: Sendable {
    private let names: RedisChannels
    private var channels: Set<String> = []
    private var patterns: [(topic: String, pattern: StreamPattern)] = []

    init(_ names: RedisChannels) {
        self.names = names
    }

    /// A topic was confirmed.
    mutating func begin(_ topic: PushTopic) {
        switch topic {
        case .shard: break
        case .channel(let channel): channels.insert(channel)
        case .pattern(let text):
            if !patterns.contains(where: { $0.topic == text }) { patterns.append((text, names.pattern(of: text))) }
        }
    }

    /// A topic has ended.
    mutating func end(_ topic: PushTopic) {
        switch topic {
        case .shard: break
        case .channel(let channel): channels.remove(channel)
        case .pattern(let text): patterns.removeAll { $0.topic == text }
        }
    }

    /// The connection is lost, and with it every topic.
    mutating func endAll() {
        channels = []
        patterns = []
    }

    /// Returns the stream of a message; `nil` for a copy that does not count.
    func stream(of message: PushMessage) -> StreamName? {
        guard let stream = names.stream(of: message.channel) else { return nil }
        switch message.topic {
        // There is one copy: no pattern matches a sharded channel.
        case .shard: return stream
        case .channel(let channel):
            return channels.contains(channel) ? stream : nil
        case .pattern(let text):
            if channels.contains(message.channel) { return nil }
            return patterns.first { $0.pattern.matches(stream) }?.topic == text ? stream : nil
        }
    }
}
