// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// The provider keeps every promise of the seam, on a real server and in real time.
@Suite("Conformance", .sharedRedis)
struct ConformanceTests {
    private static let gate = Gate(width: 8)
    private static let numbers = Atomic(0)

    @Test(arguments: ConformanceCheck.all.map(\.name))
    func keeps(_ promise: String) async throws {
        let server = try #require(SharedRedis.server)
        let number = Self.numbers.add(1, ordering: .relaxed).newValue
        let subject = ConformanceSubject("redis-streams") {
            let time = TimeControl.real()
            return ConformanceBackend(
                time: time, provider: try Self.provider(server, time), peer: try Self.provider(server, time),
                suffix: "-\(number)")
        }
        let checks = ConformanceCheck.all.filter { $0.name == promise }
        let report = await Self.gate.pass { await ConformanceSuite.run(subject, checks: checks) }
        try report.verify(skips: [])
        #expect(report.passed == [promise])
    }

    private static func provider(_ server: RedisServer, _ time: TimeControl) throws -> RedisStreamsProvider {
        let options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.socketURL)))
        return try RedisStreamsProvider(options, clock: time.clock, logger: Logger(label: "conformance"))
    }
}
