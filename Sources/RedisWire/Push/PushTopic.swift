// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a push connection listens to.
package enum PushTopic: Sendable, Hashable {
    /// One channel.
    case channel(String)
    /// Every channel whose name matches, in the server's spelling of patterns.
    case pattern(String)

    /// The channel or the pattern.
    package var text: String {
        switch self {
        case .channel(let text), .pattern(let text): text
        }
    }
}

/// What is asked of the server about a topic.
enum PushRequest: Sendable {
    case begin(PushTopic)
    case end(PushTopic)

    var topic: PushTopic {
        switch self {
        case .begin(let topic), .end(let topic): topic
        }
    }

    /// Adds the command. Each has one topic, so that an error speaks of one.
    func append(to commands: inout RedisCommands) {
        switch self {
        case .begin(.channel(let channel)): commands.begin(2, "SUBSCRIBE", for: .key(channel))
        case .begin(.pattern): commands.begin(2, "PSUBSCRIBE", for: .anyNode)
        case .end(.channel(let channel)): commands.begin(2, "UNSUBSCRIBE", for: .key(channel))
        case .end(.pattern): commands.begin(2, "PUNSUBSCRIBE", for: .anyNode)
        }
        commands.add(topic.text)
    }
}
