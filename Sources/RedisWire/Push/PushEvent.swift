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

/// What came over a push connection, in the order in which the server sent it.
///
/// Messages of a topic come between its beginning and its end and nowhere else.
package enum PushEvent: Sendable {
    /// The server has confirmed a topic.
    case began(PushTopic)
    /// The server has confirmed that a topic is no longer listened to.
    case ended(PushTopic)
    /// A message.
    case message(PushMessage)
    /// A message whose channel is not UTF-8, or a frame that is none of these.
    case unreadable
    /// The connection is lost, and every topic with it.
    case lost(RedisError)
}

/// One message as the server pushes it.
package struct PushMessage: Sendable {
    /// The topic by which it came: a server sends a message once for each that matches.
    package let topic: PushTopic
    /// The channel to which it was published.
    package let channel: String
    /// Its bytes, on storage of their own.
    package let payload: [UInt8]
}

/// Who takes what comes over a push connection.
package protocol PushReceiver: Sendable {
    /// Takes events in their order; returns whether more may come. With `false` the connection is given up until
    /// ``PushLink/resume()``.
    ///
    /// The event loop of the connection calls it, one call at a time. It must not block: nothing else is read
    /// meanwhile.
    func take(_ events: [PushEvent]) -> Bool
}

/// One value that a server sends on a push connection, read.
enum PushFrame {
    /// A message, or what is like one and cannot be read.
    case event(PushEvent)
    /// The answer to a request about a topic: `nil` for a topic that is not UTF-8.
    case confirmation(PushTopic?, isBeginning: Bool)
    /// The answer to anything else.
    case reply(RedisReply)

    init(_ reply: RedisReply) {
        guard reply.kind == .array else {
            self = .reply(reply)
            return
        }
        var parts = reply.elements.makeIterator()
        let kind = parts.next()?.string
        switch kind {
        case "message":
            let channel = parts.next()?.validString
            self = .event(Self.message(channel.map { .channel($0) }, channel, parts.next()))
        case "pmessage":
            let pattern = parts.next()?.validString
            self = .event(Self.message(pattern.map { .pattern($0) }, parts.next()?.validString, parts.next()))
        case "subscribe", "unsubscribe":
            let topic = parts.next()?.validString.map { PushTopic.channel($0) }
            self = .confirmation(topic, isBeginning: kind == "subscribe")
        case "psubscribe", "punsubscribe":
            let topic = parts.next()?.validString.map { PushTopic.pattern($0) }
            self = .confirmation(topic, isBeginning: kind == "psubscribe")
        case "pong":
            self = .reply(reply)
        default:
            self = .event(.unreadable)
        }
    }

    private static func message(_ topic: PushTopic?, _ channel: String?, _ payload: RedisReply?) -> PushEvent {
        guard let topic, let channel, let bytes = payload?.bytes else { return .unreadable }
        return .message(PushMessage(topic: topic, channel: channel, payload: bytes))
    }
}

extension RedisReply {
    /// The text if it is UTF-8 throughout: a name that was mended is another name.
    fileprivate var validString: String? {
        window.flatMap { String(validating: storage[$0], as: UTF8.self) }
    }
}
