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

/// How long a write to Redis takes whose caller gives it a time.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct RedisPublishTimeoutTests {
    private func error(of provider: some BrokerProvider, within limit: Duration) async throws -> BrokerError {
        let batch = PublishBatch([.init(stream: "orders", message: Message("x"))], limit: limit)
        let begin = ContinuousClock.now
        let result = try #require(await provider.publish(batch).first)
        #expect(ContinuousClock.now - begin < .seconds(20))
        guard case .failure(let error) = result else { throw RigFailure("it was stored") }
        return error
    }

    private func options(_ port: Int) throws -> RedisOptions {
        RedisOptions(url: try RedisURL("redis://127.0.0.1:\(port)"))
    }

    /// Without the limit of the call it would wait for minutes.
    private func patient(_ port: Int) throws -> RedisOptions {
        var options = try self.options(port)
        options.commandTimeout = .seconds(600)
        return options
    }

    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func aServerThatIsSilentIsLeftWithAnUnknownEffect() async throws {
        try await ScriptedServer.with { server in
            let clock = TimeControl.real().clock
            let streams = try RedisStreamsProvider(
                RedisStreamsOptions(connection: patient(server.port)), clock: clock, logger: logger)
            let live = try RedisPubSubProvider(
                RedisPubSubOptions(connection: patient(server.port)), clock: clock, logger: logger)
            for provider in [streams, live] as [any BrokerProvider] {
                let error = try await self.error(of: provider, within: .seconds(2))
                #expect(error.code == .timeout)
                #expect(error.effect == .unknown)
                await provider.close()
            }
        }
    }

    @Test func aServerThatIsAwayIsLeftWithNothingStored() async throws {
        try await RedisServer.with { server in
            await server.kill()
            let provider = try RedisStreamsProvider(
                RedisStreamsOptions(connection: options(server.port)), clock: TimeControl.real().clock, logger: logger)
            let error = try await self.error(of: provider, within: .milliseconds(300))
            #expect(
                error.message
                    == "could not publish: no server at 127.0.0.1:\(server.port) (connection refused); "
                    + "is it running, is the address right?")
            #expect(error.effect == .notApplied)
            #expect(error.isRetryable)
            await provider.close()
        }
    }
}
