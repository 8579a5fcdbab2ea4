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
import Testing

/// Pub/Sub keeps what it promises, on a real server and in real time; what it does not promise is listed.
@Suite struct PubSubConformanceTests {
    /// What asks for more than Pub/Sub promises, which is fan-out: no shared groups, no redelivery, no past.
    private static let skips: Set<String> = [
        "messages published before a group exists arrive",
    ]

    @Test func keepsWhatItPromises() async throws {
        try await RedisServer.with { server in
            let subject = Self.subject("redis-pubsub", hasPeer: true) { try Self.provider(server, $0) }
            let report = await ConformanceSuite.run(subject, atOnce: 24)
            print(report)
            try report.verify(skips: Self.skips)
            #expect(report.passed.count + Self.skips.count == ConformanceCheck.all.count)
        }
    }

    private static func provider(_ server: RedisServer, _ clock: any BrokerClock) throws -> RedisPubSubProvider {
        let options = RedisPubSubOptions(connection: RedisOptions(url: try RedisURL(server.socketURL)))
        return try RedisPubSubProvider(options, clock: clock, logger: Logger(label: "conformance"))
    }

    private static func subject(
        _ name: String, hasPeer: Bool, provider: @escaping @Sendable (any BrokerClock) throws -> any BrokerProvider
    ) -> ConformanceSubject {
        let numbers = Counter()
        return ConformanceSubject(name) {
            let time = TimeControl.real(
                visibility: .milliseconds(1500), tolerance: .milliseconds(500), limit: .seconds(120))
            return ConformanceBackend(
                time: time, provider: try provider(time.clock), peer: hasPeer ? try provider(time.clock) : nil,
                suffix: "-\(numbers.add(1))")
        }
    }
}
