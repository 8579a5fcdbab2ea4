// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// Reads and publishes that a server refuses just now, or for good, as each version tells it.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct ObstacleTests {
    private static let batch = PublishBatch([.init(stream: "orders", message: Message(Payload("x")))])

    private func publish(_ stage: DialectStage) async -> Result<PublishReceipt, BrokerError> {
        await stage.provider.publish(Self.batch)[0]
    }

    @Test(arguments: Dialect.allCases)
    func whatCannotBeReadJustNowIsReadLater(_ dialect: Dialect) async throws {
        let refusals = dialect.obstacles.map { ScriptedServer.Answer.bytes(RedisValue.error($0).bytes) }
        try await DialectStage.with(dialect, reads: refusals + [DialectScript.messages("at last")]) { stage in
            let subscription = try await stage.join()
            for obstacle in dialect.obstacles {
                let thrown = await #expect(throws: BrokerError.self) {
                    try await subscription.receive(5, wait: .seconds(60))
                }
                #expect(thrown?.code == .server && thrown?.isRetryable == true, "\(obstacle)")
            }
            let messages = try await subscription.receive(5, wait: .seconds(60))
            #expect(messages.map(\.attempt) == [1])
            #expect(stage.count("XREADGROUP") == refusals.count + 1, "the next look is the caller's affair")
            #expect(stage.calls(of: RedisScripts.group).count == 1, "the group was not lost")
            // One for commands, one for reads.
            #expect(stage.connections == 2, "it is the same server")
        }
    }

    @Test(arguments: Dialect.allCases)
    func whatCannotBeStoredJustNowIsNot(_ dialect: Dialect) async throws {
        try await DialectStage.with(dialect) { stage in
            for obstacle in dialect.obstacles {
                stage.script.answer("XADD", .bytes(RedisValue.error(obstacle).bytes), .bytes("$3\r\n5-0\r\n"))
                let result = await publish(stage)
                let error = #expect(throws: BrokerError.self) { try result.get() }
                #expect(error?.effect == .notApplied && error?.isRetryable == true, "\(obstacle)")
                let stored = try await publish(stage).get().id
                #expect(stored == MessageID("5-0"))
            }
            #expect(stage.connections == 1, "it is the same server")
        }
    }

    /// The server cannot read what it was sent and ends the connection. Whoever waits behind knows nothing; whoever
    /// comes later has a new one.
    @Test(arguments: Dialect.allCases)
    func aProtocolErrorIsToldToItsCallerOnlyAndNeverSentAgain(_ dialect: Dialect) async throws {
        try await DialectStage.with(dialect) { stage in
            let stored = ScriptedServer.Answer.bytes("$3\r\n5-0\r\n")
            // It answers when both have been sent: the first, and then nobody.
            stage.script.answer("XADD", stored, .silence, .cut(Dialect.protocolError), stored)
            // The first message to a stream goes with a command that lists the stream.
            _ = try await publish(stage).get().id
            async let first = publish(stage)
            try await stage.server.waitForCommands { commands in commands.count { $0[0] == "XADD" } == 2 }
            async let second = publish(stage)
            let (one, two) = (await first, await second)
            let refused = #expect(throws: BrokerError.self) { try one.get() }
            #expect(refused?.code == .server && refused?.isRetryable == false && refused?.effect == .notApplied)
            #expect(refused?.message.contains("Protocol error") == true)
            let unsure = #expect(throws: BrokerError.self) { try two.get() }
            #expect(unsure?.code == .connection && unsure?.isRetryable == true && unsure?.effect == .unknown)
            let id = try await publish(stage).get().id
            #expect(id == MessageID("5-0"))
            #expect(stage.connections == 2 && stage.count("XADD") == 4)
        }
    }
}
