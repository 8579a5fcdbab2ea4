// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerTestKit
package import RedisWire

/// What the nodes of a cluster tell: CLUSTER SLOTS, MOVED and ASK. Whatever they tell, every slot keeps a node, and
/// nothing leads to a place that is none.
package struct ClusterTarget: FuzzTarget {
    private static let asked = RedisAddress.host("10.0.0.1", port: 7001)

    private let view: @Sendable (RedisReply) -> SlotView?
    private let redirection: @Sendable (String) -> Redirection?
    private let follow: @Sendable (SlotView, inout SlotMap) -> Void

    /// Makes a target; a test may plant a decoder with a mistake.
    package init(
        view: @escaping @Sendable (RedisReply) -> SlotView? = {
            SlotView($0, info: $0, askedAt: Self.asked, AddressMap())
        },
        redirection: @escaping @Sendable (String) -> Redirection? = { Redirection($0) },
        follow: @escaping @Sendable (SlotView, inout SlotMap) -> Void = { _ = $1.follow($0) }
    ) {
        self.view = view
        self.redirection = redirection
        self.follow = follow
    }

    package let name = "cluster"
    package let words = [
        "*1\r\n", "*3\r\n", "*0\r\n", "*-1\r\n", ":0\r\n", ":16383\r\n", ":16384\r\n", ":99999\r\n", ":-1\r\n",
        ":65536\r\n", "$-1\r\n", "$0\r\n\r\n", "$1\r\n?\r\n", "$3\r\n::1\r\n", "$9\r\n__proto__\r\n",
        "$8\r\nhostname\r\n", "-MOVED 3999 10.0.0.2:7002\r\n", "-ASK 16383 ::1:7002\r\n", "-MOVED 1 ?:0\r\n",
        "-MOVED 99999 :7002\r\n", "-MOVED __proto__ [::1]:7002\r\n", "MOVED ", "ASK ", ":", "?", "[", "]", " ",
    ]

    package func makeInput(using random: inout SeededGenerator) -> [UInt8] {
        if Bool.random(using: &random) {
            let kind = Bool.random(using: &random) ? "MOVED" : "ASK"
            let slot = Int.random(in: 0..<16_384, using: &random)
            return Array(
                "-\(kind) \(slot) \(Self.host(&random)):\(Int.random(in: 1...65_535, using: &random))\r\n".utf8)
        }
        let bounds = (0..<4).map { _ in Int.random(in: 1..<16_384, using: &random) }.sorted()
        let rows = zip([0] + bounds, bounds.map { $0 - 1 } + [16_383]).filter { $0 <= $1 }
        return Array("*\(rows.count)\r\n".utf8)
            + rows.flatMap { Array("*3\r\n:\($0)\r\n:\($1)\r\n".utf8) + Self.node(&random) }
    }

    package func check(_ input: [UInt8]) throws(FuzzFinding) -> String {
        guard let reader = ReplyReader(limits: ReplyLimits()) else { return "no memory" }
        var shape = ""
        for reply in EntryTarget.replies(of: input, reader) {
            shape += reply.kind == .error ? try check(text: reply.string ?? "") : try check(reply)
        }
        return String(shape.prefix(40))
    }

    private func check(text: String) throws(FuzzFinding) -> String {
        guard let redirection = redirection(text) else { return "-" }
        let words = text.split(separator: " ")
        try hold(
            "a redirection says what its text says",
            words[0] == (redirection.kind == .moved ? "MOVED" : "ASK") && Int(words[1]) == redirection.slot
                && (0..<RedisSlot.count).contains(redirection.slot), text)
        guard let address = redirection.address(askedAt: Self.asked, AddressMap()) else { return "?" }
        try check(address)
        let written = "\(redirection.kind == .moved ? "MOVED" : "ASK") \(redirection.slot) \(address)"
        let again = Redirection(written)
        try hold(
            "a redirection is the same when it is written and read",
            again?.kind == redirection.kind && again?.slot == redirection.slot
                && again?.address(askedAt: Self.asked, AddressMap()) == address, written)
        return redirection.kind == .moved ? "m" : "a"
    }

    private func check(_ reply: RedisReply) throws(FuzzFinding) -> String {
        guard let view = view(reply) else { return "." }
        var seen = SlotSet()
        for range in view.ranges {
            let isNew = (0..<RedisSlot.count).contains(range.slots.upperBound) && seen.insert(range.slots)
            try hold("a view has only slots that there are, each once", isNew, "\(range.slots)")
            if let address = range.primary?.address { try check(address) }
        }
        var map = Self.whole
        follow(view, &map)
        try hold("a map never forgets a slot", (0..<RedisSlot.count).allSatisfy { map.node(of: $0) != nil })
        let known = Set(view.ranges.compactMap(\.primary)).count
        try hold("a map has no more nodes than it was told of", map.primaries.count <= known + 1)
        return "\(min(known, 4))\(min(view.replicas.count, 2))\(view.covered.count == RedisSlot.count)"
    }

    private func check(_ address: RedisAddress) throws(FuzzFinding) {
        guard case .host(let host, let port) = address else { throw FuzzFinding("a node is reached by host and port") }
        let isHost = (1...253).contains(host.utf8.count) && host.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        try hold("a node is reached by host and port", isHost && (1...65_535).contains(port), "\(address)")
    }

    /// A map in which one node has every slot.
    private static let whole: SlotMap = {
        var map = SlotMap()
        for slot in 0..<RedisSlot.count { _ = map.move(slot, to: first) }
        return map
    }()

    private static let first = RedisNode(.init(address: asked))

    private static func host(_ random: inout SeededGenerator) -> String {
        let hosts = ["10.0.0.2", "redis-2.example", "::1", "", "?", "fe80::1%eth0"]
        return hosts[Int.random(in: 0..<hosts.count, using: &random)]
    }

    private static func node(_ random: inout SeededGenerator) -> [UInt8] {
        let port = Int.random(in: 1...65_535, using: &random)
        let more = ReplyTarget.text(Array("hostname".utf8)) + ReplyTarget.text(Array("redis-9.example".utf8))
        return Array("*4\r\n".utf8) + ReplyTarget.text(Array(host(&random).utf8)) + Array(":\(port)\r\n".utf8)
            + ReplyTarget.text(Array("id\(port % 7)".utf8)) + Array("*2\r\n".utf8) + more
    }
}
