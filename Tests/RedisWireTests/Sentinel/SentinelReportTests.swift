// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

/// What the bytes of a Sentinel say.
@Suite struct SentinelReportTests {
    private let address = "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n17900\r\n"

    private func report(_ bytes: String) throws -> SentinelReport {
        try SentinelReport(replies(of: bytes))
    }

    private func fields(_ pairs: (String, String)...) -> String {
        let parts = pairs.flatMap { [$0.0, $0.1] }
        return "*\(parts.count)\r\n" + parts.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }

    @Test func theServerItsEpochAndItsFlagsAreRead() throws {
        let state = fields(
            ("name", "mymaster"), ("ip", "127.0.0.1"), ("port", "17900"), ("flags", "s_down,master"),
            ("config-epoch", "7"))
        let report = try report(address + state + "$3\r\nid1\r\n")
        let named = NamedPrimary(.host("127.0.0.1", port: 17900), epoch: 7, isDown: true)
        #expect(report == SentinelReport(.primary(named), id: "id1"))
    }

    @Test func flagsOfTheServerThatIsReplacedAreNotThoseOfTheNewOne() throws {
        let state = fields(("ip", "10.0.0.1"), ("port", "6379"), ("flags", "o_down,master"), ("config-epoch", "8"))
        let named = NamedPrimary(.host("127.0.0.1", port: 17900), epoch: 8)
        #expect(try report(address + state).answer == .primary(named))
    }

    @Test func aUserWithoutRightsStillGetsTheAddress() throws {
        let report = try report(address + "-NOPERM no\r\n-NOPERM no\r\n-NOPERM no\r\n")
        #expect(report == SentinelReport(.primary(NamedPrimary(.host("127.0.0.1", port: 17900)))))
    }

    @Test func nullIsAnUnknownName() throws {
        #expect(try report("*-1\r\n-ERR No such master with that name\r\n").answer == .nameUnknown)
    }

    @Test func anErrorIsNoAnswer() {
        let error = #expect(throws: RedisError.self) { try report("-NOAUTH Authentication required.\r\n") }
        #expect(error?.serverError?.reaction == .alarm)
    }

    @Test(arguments: [
        "+OK\r\n", "*2\r\n$0\r\n\r\n$4\r\n6379\r\n", "*2\r\n$1\r\n?\r\n$4\r\n6379\r\n",
        "*2\r\n$1\r\na\r\n$5\r\n99999\r\n",
        "*2\r\n$1\r\na\r\n$1\r\n0\r\n", "*2\r\n$-1\r\n$4\r\n6379\r\n", "*1\r\n$1\r\na\r\n", ":1\r\n",
        "*2\r\n$3\r\na b\r\n$1\r\n1\r\n", "*2\r\n$3\r\na/b\r\n$1\r\n1\r\n",
    ])
    func somethingElseIsNoAnswer(_ bytes: String) {
        let error = #expect(throws: RedisError.self) { try report(bytes) }
        #expect(error?.code == .malformedReply)
    }

    @Test func namesAndIPv6AreAddresses() throws {
        for (host, shown) in [("redis-1.example", "redis-1.example:6379"), ("fd00::1", "[fd00::1]:6379")] {
            let report = try report("*2\r\n$\(host.utf8.count)\r\n\(host)\r\n$4\r\n6379\r\n")
            guard case .primary(let named) = report.answer else { throw NoAddress() }
            #expect("\(named.address)" == shown)
        }
    }

    @Test func peersThatAreNotReachedAreLeftOut() throws {
        let peers =
            "*3\r\n" + fields(("ip", "10.0.0.2"), ("port", "26379"), ("runid", "id2"), ("flags", "sentinel"))
            + fields(("ip", "10.0.0.3"), ("port", "26379"), ("flags", "sentinel,disconnected"))
            + fields(("ip", "10.0.0.4"), ("port", "26379"), ("flags", "s_down,sentinel"))
        let report = try report(address + "-NOPERM no\r\n-NOPERM no\r\n" + peers)
        #expect(report.peers == [SentinelPeer(.host("10.0.0.2", port: 26379), id: "id2")])
    }

    @Test func announcementsAreRead() {
        #expect(
            SentinelEvent("+switch-master", "mymaster 10.0.0.1 6379 fd00::2 6380")
                == .switched(name: "mymaster", to: .host("fd00::2", port: 6380)))
        #expect(
            SentinelEvent("+sentinel", "sentinel id 10.0.0.9 26379 @ mymaster 10.0.0.1 6379")
                == .joined(name: "mymaster"))
        for payload in ["", "mymaster", "mymaster 10.0.0.1 6379 ? 6380", "mymaster 10.0.0.1 6379  6380", "a b c d 0"] {
            #expect(SentinelEvent("+switch-master", payload) == .other)
        }
        #expect(SentinelEvent("+sdown", "master mymaster 10.0.0.1 6379") == .other)
    }

    private struct NoAddress: Error {}

    private func replies(of bytes: String) throws -> [RedisReply] {
        let reader = try #require(ReplyReader(limits: ReplyLimits()))
        var replies: [RedisReply] = []
        try feed(Array(bytes.utf8), to: reader) { replies.append($0) }
        return replies
    }
}
