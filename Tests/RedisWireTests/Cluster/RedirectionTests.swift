// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

@Suite struct RedirectionTests {
    @Test(
        arguments: [
            ("MOVED 3999 10.0.0.2:6381", "moved 3999 10.0.0.2:6381"),
            ("ASK 0 redis-2.example:6381", "ask 0 redis-2.example:6381"),
            ("MOVED 16383 ::1:6381", "moved 16383 [::1]:6381"),
            ("MOVED 16383 [fe80::1%2]:6381", "moved 16383 [fe80::1%2]:6381"),
            ("MOVED 1 :6381", "moved 1 10.0.0.1:6381"),
            ("MOVED 1 ?:6381", "moved 1 nil"),
            ("ASK 1 ?:0", "ask 1 nil"),
            ("MOVED 1 __proto__:6381", "moved 1 __proto__:6381"),
        ])
    func readsWhereAKeyIs(text: String, expected: String) throws {
        let redirection = try #require(Redirection(text))
        let address = redirection.address(askedAt: home, AddressMap()).map { "\($0)" } ?? "nil"
        #expect("\(redirection.kind) \(redirection.slot) \(address)" == expected)
    }

    @Test(
        arguments: [
            "", "MOVED", "MOVED ", "MOVED 1", "MOVED 1 ", "MOVED 1 10.0.0.1", "MOVED 1 10.0.0.1:",
            "MOVED 99999 10.0.0.1:1", "MOVED 16384 10.0.0.1:1", "MOVED -1 10.0.0.1:1", "MOVED +1 10.0.0.1:1",
            "MOVED 1.0 10.0.0.1:1", "MOVED __proto__ 10.0.0.1:1", "MOVED 99999999999999999999 10.0.0.1:1",
            "MOVED 1 10.0.0.1:1 more", "MOVED  1 10.0.0.1:1", "MOVED 1 a b:1", "MOVED 1 a/b:1", "moved 1 10.0.0.1:1",
            "MOVED 1 \u{0}:1", "MOVED 1 10.0.0.1:-1", "MOVED 1 10.0.0.1:65536", "MOVED 1 10.0.0.1:123456",
            "MOVEDX 1 10.0.0.1:1",
            "ERR MOVED 1 10.0.0.1:1",
        ])
    func readsNothingElse(text: String) {
        #expect(Redirection(text) == nil)
    }

    @Test func portZeroNamesNoNode() throws {
        let redirection = try #require(Redirection("MOVED 1 10.0.0.1:0"))
        #expect(redirection.address(askedAt: home, AddressMap()) == nil)
    }

    @Test func namesTheAddressThatReachesTheNodeFromHere() throws {
        var addresses = AddressMap()
        _ = addresses.add(.host("10.0.0.2", port: 6381), reachedAt: .host("redis-2.example", port: 7001))
        let redirection = try #require(Redirection("MOVED 1 10.0.0.2:6381"))
        #expect(redirection.address(askedAt: home, addresses) == .host("redis-2.example", port: 7001))
    }

    @Test func anErrorReplyCarriesIt() throws {
        let error = ServerError("ASK 7 10.0.0.2:6381")
        #expect(error.reaction == .redirect)
        #expect(error.redirection == Redirection("ASK 7 10.0.0.2:6381"))
        #expect(ServerError("CLUSTERDOWN The cluster is down").redirection == nil)
    }

    @Test func aReadWhoseStreamIsGoneMayHaveMoved() {
        #expect(ServerError("UNBLOCKED the stream key no longer exists").mayHaveMoved)
        #expect(!ServerError("UNBLOCKED force unblock from blocking operation, instance state changed").mayHaveMoved)
        #expect(!ServerError("NOGROUP No such key 'orders' or consumer group 'g'").mayHaveMoved)
    }
}
