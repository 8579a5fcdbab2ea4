// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A topic of a push connection. Closed by design.
package enum PushTopic: Sendable, Hashable {
    /// One channel.
    case channel(String)
    /// Every channel whose name matches, in the server's syntax of patterns.
    case pattern(String)
    /// One sharded channel: in a cluster it belongs to a slot, as a key does, and only the nodes of that slot know it.
    case shard(String)

    /// The channel or the pattern.
    package var text: String {
        switch self {
        case .channel(let text), .pattern(let text), .shard(let text): text
        }
    }

    /// Whether it is a sharded channel.
    var isShard: Bool {
        if case .shard = self { true } else { false }
    }
}

/// A request to the server about a topic.
enum PushRequest: Sendable {
    case begin(PushTopic)
    case end(PushTopic)

    var topic: PushTopic {
        switch self {
        case .begin(let topic), .end(let topic): topic
        }
    }

    /// Adds the command. Each has one topic, so an error concerns one topic.
    func append(to commands: inout RedisCommands) {
        switch self {
        case .begin(.channel): commands.begin(2, "SUBSCRIBE", for: .anyNode)
        case .begin(.pattern): commands.begin(2, "PSUBSCRIBE", for: .anyNode)
        case .begin(.shard(let channel)): commands.begin(2, "SSUBSCRIBE", for: .key(channel))
        case .end(.channel): commands.begin(2, "UNSUBSCRIBE", for: .anyNode)
        case .end(.pattern): commands.begin(2, "PUNSUBSCRIBE", for: .anyNode)
        case .end(.shard(let channel)): commands.begin(2, "SUNSUBSCRIBE", for: .key(channel))
        }
        commands.add(topic.text)
    }
}

/// An event on a push connection. Events come in the order in which the server sent them.
///
/// Messages of a topic come only between its beginning and its end.
package enum PushEvent: Sendable {
    /// The server has confirmed a topic.
    case began(PushTopic)
    /// The topic has ended: the server has confirmed that, or ended a sharded channel whose slot it has given away.
    case ended(PushTopic)
    /// The server refuses a topic. Messages may come between a topic that was asked for once more and this.
    case refused(PushTopic, RedisError)
    /// A message.
    case message(PushMessage)
    /// A message whose channel is not UTF-8, or an unknown frame.
    case unreadable
    /// The connection is lost, and with it every topic.
    case lost(RedisError)
}

/// One message as the server pushes it.
package struct PushMessage: Sendable {
    /// The topic that matched; a server sends a message once for each topic that matches.
    package let topic: PushTopic
    /// The channel to which it was published.
    package let channel: String
    /// Its bytes, copied.
    package let payload: [UInt8]
}

/// Takes the events of a push connection.
package protocol PushReceiver: Sendable {
    /// Takes events in their order.
    ///
    /// The event loop of the connection calls this, one call at a time. It must not block, since nothing is read
    /// meanwhile.
    ///
    /// - Returns: whether more may come. After `false` there is no connection until ``PushLink/resume()``.
    func take(_ events: [PushEvent]) -> Bool
}

/// One value that a server sends on a push connection.
enum PushFrame {
    /// A message, or a frame that cannot be read.
    case event(PushEvent)
    /// The reply to a request about a topic; `nil` for a topic that is not UTF-8.
    case confirmation(PushTopic?, isBeginning: Bool)
    /// The reply to anything else.
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
        case "smessage":
            let channel = parts.next()?.validString
            self = .event(Self.message(channel.map { .shard($0) }, channel, parts.next()))
        case "subscribe", "unsubscribe":
            let topic = parts.next()?.validString.map { PushTopic.channel($0) }
            self = .confirmation(topic, isBeginning: kind == "subscribe")
        case "ssubscribe", "sunsubscribe":
            let topic = parts.next()?.validString.map { PushTopic.shard($0) }
            self = .confirmation(topic, isBeginning: kind == "ssubscribe")
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
    /// The text if it is valid UTF-8: a repaired name would be another name.
    fileprivate var validString: String? {
        window.flatMap { String(validating: storage[$0], as: UTF8.self) }
    }
}

/// The result of a request for a topic.
struct PushResult: Sendable {
    var topic: PushTopic
    /// Why it was refused; `nil` when it was confirmed.
    var refusal: RedisError?
    /// Whether it was no reply: the server has ended the topic by itself.
    var hasLeft = false
}
