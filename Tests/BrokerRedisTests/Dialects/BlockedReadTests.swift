// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import Testing

/// What happens to the stream while a read blocks on it, as each version tells it.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct BlockedReadTests {
    enum Loss: CaseIterable {
        case keyVanished, groupDestroyed
    }

    @Test(arguments: Dialect.allCases, Loss.allCases)
    func aLostGroupIsMadeAgainWhereItStoodAndReadOn(_ dialect: Dialect, _ loss: Loss) async throws {
        let blocked = HeldAnswer()
        let said = loss == .keyVanished ? dialect.keyVanished : dialect.groupDestroyed
        let late: [ScriptedServer.Answer] = said == .nothing ? [.bytes(Dialect.noGroup.bytes)] : []
        let reads = [.held(blocked)] + late + [DialectScript.messages("again")]
        try await DialectStage.with(dialect, reads: reads) { stage in
            let subscription = try await stage.join()
            async let received = subscription.receive(5, wait: .seconds(60))
            try await stage.waitForReads(1)
            blocked.give(.bytes(said.bytes))
            let messages = try await received
            #expect(messages.map(\.message.payload.string) == ["again"])
            #expect(messages.map(\.receipt.epoch) == [2])
            #expect(stage.count("XREADGROUP") == reads.count)
            #expect(
                stage.calls(of: RedisScripts.group) == [
                    ["orders", "{orders}:billing:floor", "{orders}:billing:due", "billing", "0", "0"],
                    ["orders", "{orders}:billing:floor", "{orders}:billing:due", "billing", "0", "1"],
                ])
            let warnings = stage.log.lines(.warning)
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("the group was lost and has been made again") == true)
        }
    }

    @Test(arguments: Dialect.allCases)
    func somethingElseUnderTheKeyIsAnErrorUntilItIsGone(_ dialect: Dialect) async throws {
        let blocked = HeldAnswer()
        let late: [ScriptedServer.Answer] = dialect.isLate ? [.bytes(Dialect.wrongType.bytes)] : []
        let readsBefore = 1 + late.count
        let afterwards: [ScriptedServer.Answer] =
            dialect.takesTypeForLoss ? [] : [.bytes(Dialect.noGroup.bytes)]
        let reads = [.held(blocked)] + late + afterwards + [DialectScript.messages("again")]
        try await DialectStage.with(dialect, reads: reads) { stage in
            let subscription = try await stage.join()
            if dialect.takesTypeForLoss {
                stage.script.answer(RedisScripts.group, .bytes(Dialect.wrongType.bytes))
            }
            async let received = subscription.receive(5, wait: .seconds(60))
            try await stage.waitForReads(1)
            blocked.give(.bytes(dialect.typeChanged.bytes))
            var error: BrokerError?
            do { _ = try await received } catch let failure { error = failure as? BrokerError }
            #expect(error?.code == .wrongType)
            #expect(error?.isRetryable == true)
            #expect(error?.message.contains("the key 'orders' holds no stream") == true)
            #expect(stage.count("XREADGROUP") == readsBefore, "the next look is the caller's affair")

            stage.clock.advance(by: .seconds(6))
            let messages = try await subscription.receive(5, wait: .seconds(60))
            #expect(messages.map(\.message.payload.string) == ["again"])
            #expect(stage.count("XREADGROUP") == reads.count)
        }
    }

    @Test(arguments: Dialect.allCases)
    func whoIsUnblockedBySomebodyReadsAgain(_ dialect: Dialect) async throws {
        let blocked = [HeldAnswer(), HeldAnswer()]
        let reads = blocked.map { .held($0) } + [DialectScript.messages("next")]
        try await DialectStage.with(dialect, reads: reads) { stage in
            let subscription = try await stage.join()
            async let received = subscription.receive(5, wait: .seconds(60))
            try await stage.waitForReads(1)
            blocked[0].give(.bytes(Dialect.unblockedByClient.bytes))
            try await stage.waitForReads(2)
            blocked[1].give(.bytes(RedisText.nothing.bytes))
            #expect(try await received.map(\.message.payload.string) == ["next"])
            #expect(stage.calls(of: RedisScripts.group).count == 1)
            #expect(stage.log.lines(.warning) == [])
        }
    }

    @Test(arguments: Dialect.allCases)
    func aServerThatBecomesAReplicaIsLeft(_ dialect: Dialect) async throws {
        let blocked = HeldAnswer()
        let reads = [.held(blocked), DialectScript.messages("elsewhere")]
        try await DialectStage.with(dialect, reads: reads) { stage in
            let subscription = try await stage.join()
            async let received = subscription.receive(5, wait: .seconds(60))
            try await stage.waitForReads(1)
            let before = stage.connections
            blocked.give(.cut(Dialect.demoted))
            var error: BrokerError?
            do { _ = try await received } catch let failure { error = failure as? BrokerError }
            #expect(error?.isRetryable == true)
            #expect(stage.calls(of: RedisScripts.group).count == 1, "the group was not lost")
            #expect(
                try await subscription.receive(5, wait: .seconds(60)).map(\.message.payload.string) == ["elsewhere"])
            #expect(stage.connections == before + 1)
        }
    }
}
