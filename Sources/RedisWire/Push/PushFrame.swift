// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
