// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisWire
import Testing

/// A value that a server replies.
indirect enum Told: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    case number(Int)
    case text(String)
    case array([Told])
    case null
    case error(String)

    init(integerLiteral value: Int) { self = .number(value) }
    init(stringLiteral value: String) { self = .text(value) }
    init(arrayLiteral elements: Told...) { self = .array(elements) }

    var wire: String {
        switch self {
        case .number(let number): ":\(number)\r\n"
        case .text(let text): "$\(text.utf8.count)\r\n\(text)\r\n"
        case .array(let values): "*\(values.count)\r\n" + values.map(\.wire).joined()
        case .null: "$-1\r\n"
        case .error(let text): "-\(text)\r\n"
        }
    }
}

/// Reads replies as a connection does.
func replies(_ wire: String, count: Int = 1) throws -> RedisReplies {
    let reader = try #require(ReplyReader(limits: ReplyLimits()))
    var read = 0
    try Array(wire.utf8).withUnsafeBytes { bytes in
        try reader.read(bytes) { () throws(ReplyRefusal) in read += 1 }
    }
    try #require(read == count, "\(read) replies in \(wire)")
    return reader.take(count)
}

/// The host on which the nodes of these tests listen.
let home = RedisAddress.host("10.0.0.1", port: 7001)

/// Reads a reply to CLUSTER SLOTS, as the node at ``home`` gives it.
func view(_ rows: Told, epoch: Int = 1, _ addresses: AddressMap = AddressMap()) throws -> SlotView? {
    let slots = try #require(try replies(rows.wire)[0])
    let info = try replies(Told.text("cluster_state:ok\r\ncluster_current_epoch:\(epoch)\r\n").wire)[0]
    return SlotView(slots, info: info, askedAt: home, addresses)
}

/// Three nodes at the ports 7001, 7002 and 7003 that share the slots.
let thirds: Told = [
    [0, 5460, ["10.0.0.1", 7001, "one"], ["10.0.0.1", 7004, "four"]],
    [5461, 10922, ["10.0.0.1", 7002, "two"]],
    [10923, 16383, ["10.0.0.1", 7003, "three"]],
]

/// The map of a cluster in a test.
final class MapOfTest: SlotDirectory {
    var map = SlotMap()
    var notes: [String] = []

    init(_ rows: Told = thirds) throws {
        if let view = try view(rows) { _ = map.follow(view) }
    }

    /// Follows a view, which is one.
    func follow(_ rows: Told, epoch: Int) throws -> Bool {
        let view = try #require(try view(rows, epoch: epoch))
        return map.follow(view)
    }

    var primaries: [RedisNode] { map.primaries }

    func owner(of slot: Int) -> RedisNode? { map.node(of: slot) }

    func note(_ redirection: Redirection, by node: RedisNode?) -> RedisNode? {
        let noted = map.note(redirection, by: node, AddressMap())
        if noted?.isNew == true { notes.append("\(redirection.slot) to \(noted.map { "\($0.node)" } ?? "?")") }
        return noted?.node
    }
}

extension RedisNode {
    /// Its port, which is its name in these tests.
    var port: Int {
        if case .host(_, let port) = address { port } else { 0 }
    }
}
