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
@Suite("Conformance", .inRealTime) struct ConformanceTests {
    @Test("Every check of the kit passes, none is skipped, every command goes to the slot of its keys")
    func keepsEveryPromise() async throws {
        let recorder = RouteRecorder(firstKeyDecidesIn: [RedisScripts.forward])
        try await RedisServer.with { server in
            let names = Counter()
            let subject = Self.subject("redis-streams", on: server) { clock in
                var options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.socketURL)))
                options.connection.clientName = "conformance-\(names.add(1))"
                options.connection.observer = recorder
                return try RedisStreamsProvider(options, clock: clock, logger: Logger(label: "conformance"))
            }
            let report = await ConformanceSuite.run(subject, atOnce: 24)
            print(report)
            try report.verify(skips: [])
            #expect(report.passed == ConformanceCheck.all.map(\.name))
        }
        #expect(recorder.complaints == [])
    }

    /// Backends on one server, each with streams of its own, and with clients of its own name if they are to be
    /// disconnected there; half of the tolerance is what busy machines need.
    static func subject(
        _ name: String, on server: RedisServer? = nil,
        provider: @escaping @Sendable (any BrokerClock) throws -> RedisStreamsProvider
    ) -> ConformanceSubject {
        subject(name, provider: provider) { try await server?.killClients(named: $0) }
    }

    /// - Parameter disconnect: Ends the connections of the clients whose names begin so.
    static func subject(
        _ name: String, tolerance: Duration = .milliseconds(500),
        provider: @escaping @Sendable (any BrokerClock) throws -> RedisStreamsProvider,
        disconnect: @escaping @Sendable (String) async throws -> Void
    ) -> ConformanceSubject {
        let numbers = Counter()
        return ConformanceSubject(name) {
            let time = TimeControl.real(
                visibility: .milliseconds(1500), tolerance: tolerance, limit: .seconds(120))
            let tested = try provider(time.clock)
            var backend = ConformanceBackend(
                time: time, provider: tested, peer: try provider(time.clock), suffix: "-\(numbers.add(1))")
            let client = tested.options.connection.clientName
            backend.disconnect = { try await disconnect(client) }
            return backend
        }
    }
}
