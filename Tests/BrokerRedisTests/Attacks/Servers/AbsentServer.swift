// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// No server is there at first.
    @Suite struct AbsentServer {
        @Test func whoCameBeforeTheServerServesWhenItComes() async throws {
            try await RedisServer.with { server in
                await server.kill()
                try await Supervisor.with(1, WorkerSettings(server.url)) { crew in
                    try await Onlooker.with(server.url) { onlooker in
                        try await crew.wait(for: "a worker") { !$0.of("start").isEmpty }
                        try await Calm.expect(of: crew, "no server at the start") {
                            #expect(try await onlooker.reason() != "")
                            try await expectRefusal(of: server.url)
                            try await Calm.pass(.seconds(2))
                        }
                        try await server.start()
                        try await server.publish((0..<10).map { "\($0) 0" }, to: "work")
                        try await crew.wait(for: "every message") { $0.handled.count == 10 }
                        try await eventually("every message, here") { onlooker.handled.count == 10 }
                        try await onlooker.readiness()
                        #expect(crew.deaths == 0)
                    }
                }
            }
        }

        /// A publish waits for as long as it may and then says that nothing was stored.
        private func expectRefusal(of url: String) async throws {
            var connection = RedisOptions(url: try RedisURL(url))
            connection.connectTimeout = .seconds(1)
            let provider = try RedisStreamsProvider(
                RedisStreamsOptions(connection: connection), clock: EngineThread.shared,
                logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
            let begin = ContinuousClock.now
            let results = await provider.publish(PublishBatch([.init(stream: "work", message: Message(Payload("0")))]))
            let error = #expect(throws: BrokerError.self) { try results[0].get() }
            #expect(error?.effect == .notApplied && error?.isRetryable == true)
            #expect(ContinuousClock.now - begin >= .milliseconds(900))
            await provider.close()
        }
    }
}
