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
            let names = Counter()
            // Six servers on a small machine take their time.
            let subject = ConformanceTests.subject("redis-streams on a cluster", tolerance: .seconds(3)) { clock in
                var options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(cluster.url)))
                options.connection.clientName = "conformance-\(names.add(1))"
                return try RedisStreamsProvider(options, clock: clock, logger: Logger(label: "conformance"))
            } disconnect: { client in
                for node in cluster.nodes { try await node.server.killClients(named: client) }
            }
            let report = await ConformanceSuite.run(subject, atOnce: 8)
            print(report)
            try report.verify(skips: [])
            #expect(report.passed == ConformanceCheck.all.map(\.name))
        }
    }
}
