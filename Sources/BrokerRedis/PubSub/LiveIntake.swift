// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import RedisWire
import Synchronization

/// Takes what comes over the push connection into the buffer. It never waits: what finds no room is dropped there, by
/// the policy, and counted.
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

    /// How many frames came that could not be read.
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
        case .lost: filter.endAll()
        case .unreadable: unreadable += 1
        case .message(let message): return filter.stream(of: message).map { ($0, message.payload) }
        }
        return nil
    }
}
