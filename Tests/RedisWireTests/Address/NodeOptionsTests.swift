// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

/// The options of connections to one server of several, and the addresses behind NAT.
@Suite struct NodeOptionsTests {
    private let node = RedisAddress.host("10.0.0.5", port: 6379)

    private func options(_ url: String) throws -> RedisOptions {
        var options = RedisOptions(url: try RedisURL(url))
        options.tls.authorityFile = "data.pem"
        options.tls.serverName = "data.example"
        options.clientName = "streambroker:events"
        return options
    }

    @Test func aServerOfSeveralIsReachedLikeTheOnlyOne() throws {
        let options = try options("rediss+sentinel://app:hunter2@a,b/shop/3").server(at: node)
        #expect(options.url.description == "rediss://***@10.0.0.5:6379/3")
        #expect(options.url.password?.value == "hunter2")
        #expect(options.clientName == "streambroker:events")
        #expect(options.tls.authorityFile == "data.pem")
    }

    @Test func theNameInTheOptionsIsVerifiedBeforeTheOneThatIsTold() throws {
        var options = try options("rediss+cluster://a,b")
        #expect(options.server(at: node, named: "redis-1.example").tls.serverName == "data.example")
        options.tls.serverName = nil
        #expect(options.server(at: node, named: "redis-1.example").tls.serverName == "redis-1.example")
        #expect(options.server(at: node).tls.serverName == nil)
    }

    @Test func aSentinelGetsNoCredentialsOfTheData() throws {
        var options = try options("rediss+sentinel://app:hunter2@a,b/shop/3")
        options.tls.certificateFile = "data-client.pem"
        options.tls.keyFile = "data-client.key"
        var asked = options.sentinel(at: node)
        #expect(asked.url.description == "rediss://10.0.0.5:6379/0")
        #expect(asked.url.username == nil)
        #expect(asked.url.password == nil)
        #expect(asked.tls.authorityFile == "data.pem")
        #expect(asked.tls.serverName == nil)
        #expect(asked.tls.certificateFile == nil)
        #expect(asked.tls.keyFile == nil)

        options.sentinel.username = "watcher"
        options.sentinel.password = RedisPassword("other")
        options.sentinel.isEncrypted = false
        asked = options.sentinel(at: node)
        #expect(asked.url.description == "redis://***@10.0.0.5:6379/0")
        #expect(asked.url.username == "watcher")
        #expect(asked.url.password?.value == "other")
        var dumped = ""
        dump(asked, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test func sentinelsMayHaveAuthoritiesOfTheirOwn() throws {
        var options = try options("rediss+sentinel://a,b/shop")
        options.tls.certificateFile = "client.pem"
        options.tls.keyFile = "client.key"
        var tls = TLSOptions()
        tls.authorityFile = "sentinels.pem"
        tls.serverName = "sentinel.example"
        options.sentinel.tls = tls
        #expect(options.sentinel(at: node).tls == tls)
        #expect(options.server(at: node).tls.certificateFile == "client.pem")
    }

    @Test func anAddressBehindNATIsReachedElsewhere() {
        var map = AddressMap()
        #expect(map.isEmpty)
        #expect(map.map(node) == node)
        let outside = RedisAddress.host("redis-1.example", port: 7001)
        let added = [
            map.add(node, reachedAt: outside),
            map.add(.host("Redis-2.Internal", port: 6379), reachedAt: .host("redis-2.example", port: 7002)),
            map.add(.host("redis-2.internal", port: 6379), reachedAt: outside),
        ]
        #expect(added == [true, true, false])
        #expect(map.map(node) == outside)
        #expect(map.map(.host("10.0.0.5", port: 6380)) == .host("10.0.0.5", port: 6380))
        #expect(map.map(.host("redis-2.internal", port: 6379)) == .host("redis-2.example", port: 7002))
        #expect(map.map(.socket(path: "/run/redis.sock")) == .socket(path: "/run/redis.sock"))
    }
}
