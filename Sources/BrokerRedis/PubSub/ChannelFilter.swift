// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// Which topics the server has confirmed, and so which of several copies of a message counts.
///
/// A server sends a message once for each topic that matches its channel. The copy of the channel itself counts, else
/// that of the pattern that was confirmed first. Since confirmations stand among the messages, exactly one copy of each
/// counts also while topics come and go.
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
        case .channel(let channel): channels.insert(channel)
        case .pattern(let text):
            if !patterns.contains(where: { $0.topic == text }) { patterns.append((text, names.pattern(of: text))) }
        }
    }

    /// A topic has ended.
    mutating func end(_ topic: PushTopic) {
        switch topic {
        case .channel(let channel): channels.remove(channel)
        case .pattern(let text): patterns.removeAll { $0.topic == text }
        }
    }

    /// The connection is lost, and every topic with it.
    mutating func endAll() {
        channels = []
        patterns = []
    }

    /// The stream of a message; `nil` for a copy that does not count, and for one that is for nobody.
    func stream(of message: PushMessage) -> StreamName? {
        guard let stream = names.stream(of: message.channel) else { return nil }
        switch message.topic {
        case .channel(let channel):
            return channels.contains(channel) ? stream : nil
        case .pattern(let text):
            if channels.contains(message.channel) { return nil }
            return patterns.first { $0.pattern.matches(stream) }?.topic == text ? stream : nil
        }
    }
}
