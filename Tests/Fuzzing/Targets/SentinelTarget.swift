// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerTestKit
package import RedisWire

/// What a Sentinel sends: every address that comes out of it can be connected to, and nothing else is believed.
package struct SentinelTarget: FuzzTarget {
    private let read: @Sendable ([RedisReply]) throws(RedisError) -> SentinelReport

    /// Makes a target; a test may plant a reader with a mistake.
    package init(
        read: @escaping @Sendable ([RedisReply]) throws(RedisError) -> SentinelReport = { replies throws(RedisError) in
            try SentinelReport(replies)
        }
    ) { self.read = read }

    package let name = "sentinel"
    package let words = [
        "*2\r\n", "*3\r\n", "*-1\r\n", "*0\r\n", "$-1\r\n", "$0\r\n\r\n", "$1\r\n?\r\n", "$4\r\n6379\r\n",
        "$5\r\n99999\r\n", "$2\r\n-1\r\n", "$9\r\n127.0.0.1\r\n", "$7\r\nfd00::1\r\n", "$9\r\n__proto__\r\n",
        "$12\r\nconfig-epoch\r\n", "$20\r\n99999999999999999999\r\n", "$5\r\nflags\r\n", "$6\r\ns_down\r\n",
        "$2\r\nip\r\n", "$4\r\nport\r\n", "$5\r\nrunid\r\n", "$7\r\nmessage\r\n", "$9\r\nsubscribe\r\n",
        "$14\r\n+switch-master\r\n", "$9\r\n+sentinel\r\n", "-ERR no\r\n", "-NOAUTH Authentication required.\r\n", " ",
        "@",
    ]

    package func makeInput(using random: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return Self.texts(["message", "+switch-master", "mymaster 10.0.0.1 6379 \(Self.host(&random)) 6380"])
        case 1:
            let peer = "sentinel id 10.0.0.9 26379 @ mymaster \(Self.host(&random)) 6379"
            return Self.texts(["message", "+sentinel", peer])
        default:
            let (host, port) = (Self.host(&random), "\(Int.random(in: -1...70_000, using: &random))")
            let epoch = "\(Int.random(in: 0...9, using: &random))"
            let state = ["ip", host, "port", port, "flags", "master,s_down", "config-epoch", epoch]
            let peer = Self.texts(["ip", Self.host(&random), "port", "26379", "runid", "id", "flags", "sentinel"])
            return Self.texts([host, port]) + Self.texts(state) + ReplyTarget.text(Array("id".utf8))
                + Array("*1\r\n".utf8) + peer
        }
    }

    package func check(_ input: [UInt8]) throws(FuzzFinding) -> String {
        guard let reader = ReplyReader(limits: ReplyLimits()) else { return "no memory" }
        var replies: [RedisReply] = []
        input.withUnsafeBytes { bytes in
            try? reader.read(bytes) { () throws(ReplyRefusal) in replies += Array(reader.take(1)) }
        }
        var shape = try check(report: replies)
        for reply in replies { shape += try check(frame: reply) }
        return String(shape.prefix(40))
    }

    private func check(report replies: [RedisReply]) throws(FuzzFinding) -> String {
        let report: SentinelReport
        do throws(RedisError) { report = try read(replies) } catch {
            try hold("a refusal says why", !error.message.isEmpty)
            return "\(error.code)"
        }
        let peers = report.peers ?? []
        try hold("a Sentinel names a bounded number of others", peers.count <= 32, "\(peers.count)")
        for peer in peers { try check(peer.address) }
        guard case .primary(let named) = report.answer else { return "unknown" }
        try check(named.address)
        return "named \(named.epoch != nil) \(named.isDown) \(min(peers.count, 3))"
    }

    private func check(frame reply: RedisReply) throws(FuzzFinding) -> String {
        switch SentinelFrame(reply) {
        case .event(.switched(_, let address)):
            try check(address)
            return "switched"
        case .event(.joined): return "joined"
        case .event(.other): return "other"
        case .confirmation: return "confirmation"
        case .reply: return "."
        }
    }

    /// What is printed is one line, and what is connected to has a host and a port.
    private func check(_ address: RedisAddress) throws(FuzzFinding) {
        guard case .host(let host, let port) = address else { throw FuzzFinding("a Sentinel names no socket") }
        try hold("a port is one", (1...65535).contains(port), "\(port)")
        let isPlain = host.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        try hold("a host is a name or a number", !host.isEmpty && host != "?" && isPlain, host)
    }

    private static func host(_ random: inout SeededGenerator) -> String {
        ["10.0.0.2", "redis-1.example", "fd00::2", "?", "", "a b"].randomElement(using: &random) ?? ""
    }

    private static func texts(_ texts: [String]) -> [UInt8] {
        Array("*\(texts.count)\r\n".utf8) + texts.flatMap { ReplyTarget.text(Array($0.utf8)) }
    }
}
