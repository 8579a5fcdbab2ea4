// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a Sentinel is asked, in one write on the connection by which it also announces.
///
/// RESP2 allows no questions while a connection listens. So it stops, asks and listens again: the Sentinel runs these
/// commands in one go, and a switch that comes between two writes is seen by the next question.
enum SentinelQuestion {
    /// The channels that are listened to.
    static let channels = ["+switch-master", "+sentinel"]

    /// Returns the commands.
    ///
    /// - Parameter isListening: Whether the connection listens already.
    static func commands(_ name: String, forPeers: Bool, isListening: Bool) -> RedisCommands {
        var commands = RedisCommands()
        if isListening { add("UNSUBSCRIBE", channels, to: &commands) }
        add("SENTINEL", ["GET-MASTER-ADDR-BY-NAME", name], to: &commands)
        add("SENTINEL", ["MASTER", name], to: &commands)
        add("SENTINEL", ["MYID"], to: &commands)
        if forPeers { add("SENTINEL", ["SENTINELS", name], to: &commands) }
        add("SUBSCRIBE", channels, to: &commands)
        return commands
    }

    /// How many replies a question has besides confirmations.
    static func replyCount(forPeers: Bool) -> Int { forPeers ? 4 : 3 }

    private static func add(_ command: StaticString, _ arguments: [String], to commands: inout RedisCommands) {
        commands.begin(arguments.count + 1, command, for: .anyNode)
        for argument in arguments { commands.add(argument) }
    }
}

/// One value that a Sentinel sends. Closed by design.
package enum SentinelFrame: Sendable {
    /// Something happened.
    case event(SentinelEvent)
    /// The reply to SUBSCRIBE or UNSUBSCRIBE.
    case confirmation
    /// The reply to anything else.
    case reply(RedisReply)

    /// Tells apart what a Sentinel sends: what it announces comes between replies.
    package init(_ reply: RedisReply) {
        guard reply.kind == .array, reply.elements.count == 3, let kind = reply.elements[0]?.string else {
            self = .reply(reply)
            return
        }
        switch kind {
        case "message":
            self = .event(SentinelEvent(reply.elements[1]?.string ?? "", reply.elements[2]?.string ?? ""))
        case "subscribe", "unsubscribe": self = .confirmation
        default: self = .reply(reply)
        }
    }
}

/// What a Sentinel announces. Closed by design.
package enum SentinelEvent: Sendable, Hashable {
    /// The primary of this name is another server now.
    case switched(name: String, to: RedisAddress)
    /// Another Sentinel watches the primary of this name.
    case joined(name: String)
    /// Anything else, or an announcement that cannot be read.
    case other

    /// Reads `name old-host old-port new-host new-port`, or `sentinel id host port @ name host port`.
    package init(_ channel: String, _ payload: String) {
        let words = payload.split(separator: " ", omittingEmptySubsequences: false)
        switch channel {
        case "+switch-master":
            guard words.count == 5, let address = RedisAddress(host: words[3], port: words[4]) else { break }
            self = .switched(name: String(words[0]), to: address)
            return
        case "+sentinel":
            guard words.count == 8, words[4] == "@" else { break }
            self = .joined(name: String(words[5]))
            return
        default: break
        }
        self = .other
    }

    /// Returns the event with the address that reaches the server from here.
    func mapped(by map: AddressMap) -> SentinelEvent {
        guard case .switched(let name, let address) = self else { return self }
        return .switched(name: name, to: map.map(address))
    }
}
