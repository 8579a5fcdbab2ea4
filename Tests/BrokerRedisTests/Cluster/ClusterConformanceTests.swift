// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Testing

@Suite("Conformance on a cluster", .inRealTime) struct ClusterConformanceTests {
    @Test("Every check of the kit passes on three primaries and three replicas, none is skipped")
    func keepsEveryPromise() async throws {
        try await RedisCluster.with { cluster in
            try await ServersUnderTest(name: "on a cluster", url: cluster.url, servers: cluster.nodes.map(\.server))
                .verify()
        }
    }
}

@Suite("Conformance behind Sentinels", .inRealTime) struct SentinelConformanceTests {
    @Test("Every check of the kit passes behind three Sentinels, none is skipped")
    func keepsEveryPromise() async throws {
        try await SentinelSet.with { set in
            try await ServersUnderTest(name: "behind Sentinels", url: set.url, servers: set.servers).verify()
        }
    }
}

/// Several servers that the provider runs on by their URL.
private struct ServersUnderTest {
    let name: String
    let url: String
    let servers: [RedisServer]

    func verify() async throws {
        let names = Counter()
        // Six servers on a small machine take their time.
        let subject = ConformanceTests.subject("redis-streams \(name)", tolerance: .seconds(3)) { clock in
            var options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(url)))
            options.connection.clientName = "conformance-\(names.add(1))"
            return try RedisStreamsProvider(options, clock: clock, logger: Logger(label: "conformance"))
        } disconnect: { client in
            for server in servers { try await server.killClients(named: client) }
        }
        let report = await ConformanceSuite.run(subject, atOnce: 8)
        print(report)
        try report.verify(skips: [])
        #expect(report.passed == ConformanceCheck.all.map(\.name))
    }
}
