// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// The provider keeps every promise of the seam, on a real server and in real time.
@Suite("Conformance") struct ConformanceTests {
    @Test("Every check of the kit passes, none is skipped") func keepsEveryPromise() async throws {
        try await RedisServer.with { server in
            let subject = Self.subject("redis-streams") { clock in
                let options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.socketURL)))
                return try RedisStreamsProvider(options, clock: clock, logger: Logger(label: "conformance"))
            }
            let report = await ConformanceSuite.run(subject, atOnce: 24)
            print(report)
            try report.verify(skips: [])
            #expect(report.passed == ConformanceCheck.all.map(\.name))
        }
    }

    /// Backends on one server, each with streams of its own; half of the tolerance is what busy machines need.
    static func subject(
        _ name: String, provider: @escaping @Sendable (any BrokerClock) throws -> RedisStreamsProvider
    ) -> ConformanceSubject {
        let numbers = Counter()
        return ConformanceSubject(name) {
            let time = TimeControl.real(
                visibility: .milliseconds(1500), tolerance: .milliseconds(500), limit: .seconds(120))
            return ConformanceBackend(
                time: time, provider: try provider(time.clock), peer: try provider(time.clock),
                suffix: "-\(numbers.add(1))")
        }
    }
}
