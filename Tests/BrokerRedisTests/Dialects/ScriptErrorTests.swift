// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// What scripts are refused, as each version tells it.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct ScriptErrorTests {
    /// A way in which an error of a script arrives.
    enum Shape: CaseIterable {
        /// The server refuses the call.
        case refused
        /// The script raises it.
        case raised
        /// The script hands it back for each entry.
        case handedBack

        func answer(_ error: String, for count: Int, in dialect: Dialect) -> ScriptedServer.Answer {
            switch self {
            case .refused: .bytes(RedisValue.error(error).bytes)
            case .raised: .bytes(RedisValue.error(dialect.raised(error)).bytes)
            case .handedBack: .bytes(RedisValue.array(Array(repeating: .error(error), count: count)).bytes)
            }
        }
    }

    private static let settlements = DialectStage.receipts(2).map { Settlement($0, .retry(after: .seconds(1))) }

    @Test(arguments: Dialect.allCases, Shape.allCases)
    func whatCannotBeDoneJustNowIsSentAgain(_ dialect: Dialect, _ shape: Shape) async throws {
        try await DialectStage.with(dialect) { stage in
            let subscription = try await stage.join()
            for obstacle in dialect.obstacles {
                stage.script.answer(
                    RedisScripts.park, shape.answer(obstacle, for: 2, in: dialect), .bytes("*2\r\n:1\r\n:1\r\n"))
                let thrown = await #expect(throws: BrokerError.self) { try await subscription.settle(Self.settlements) }
                let error = try #require(thrown)
                #expect(error.code == .server, "\(obstacle)")
                #expect(error.isRetryable, "\(obstacle)")
                #expect(error.effect == (shape == .raised ? .unknown : .notApplied))
                #expect(try await subscription.settle(Self.settlements).map(\.kind) == ["done", "done"])
            }
            #expect(stage.connections == 1, "it is the same server")
        }
    }

    @Test(arguments: Dialect.allCases, Shape.allCases)
    func aServerThatTakesNoWritesIsLeft(_ dialect: Dialect, _ shape: Shape) async throws {
        try await DialectStage.with(dialect) { stage in
            let subscription = try await stage.join()
            stage.script.answer(
                RedisScripts.park, shape.answer(Dialect.readOnly, for: 2, in: dialect),
                .bytes("*2\r\n:1\r\n:1\r\n"))
            let before = stage.connections
            let error = await #expect(throws: BrokerError.self) { try await subscription.settle(Self.settlements) }
            #expect(error?.isRetryable == true)
            #expect(try await subscription.settle(Self.settlements).map(\.kind) == ["done", "done"])
            #expect(stage.connections == before + 1)
        }
    }

    @Test(arguments: Dialect.allCases, Shape.allCases)
    func withoutTheGroupEverythingIsSettled(_ dialect: Dialect, _ shape: Shape) async throws {
        try await DialectStage.with(dialect) { stage in
            let subscription = try await stage.join()
            stage.script.answer(RedisScripts.park, shape.answer(Dialect.nothingPending, for: 2, in: dialect))
            stage.script.answer(RedisScripts.extend, shape.answer(Dialect.nothingPending, for: 2, in: dialect))
            #expect(try await subscription.settle(Self.settlements).map(\.kind) == ["settled", "settled"])
            #expect(try await subscription.extend(DialectStage.receipts(2)).map(\.kind) == ["settled", "settled"])
        }
    }

    @Test(arguments: Dialect.allCases, [Shape.refused, .raised])
    func aSweepWithoutTheGroupMakesItAgain(_ dialect: Dialect, _ shape: Shape) async throws {
        try await DialectStage.with(dialect, reads: [DialectScript.messages("again")]) { stage in
            let subscription = try await stage.join()
            stage.script.answer(RedisScripts.sweep, shape.answer(Dialect.nothingPending, for: 1, in: dialect))
            #expect(try await subscription.receive(5, wait: .seconds(60)).map(\.receipt.epoch) == [2])
            #expect(stage.calls(of: RedisScripts.group).count == 2)
        }
    }

    @Test(arguments: Dialect.allCases)
    func anEntryThatIsRefusedStandsAlone(_ dialect: Dialect) async throws {
        try await DialectStage.with(dialect) { stage in
            let subscription = try await stage.join()
            stage.script.answer(
                RedisScripts.dead, .bytes(RedisValue.array([.error(dialect.lacksRight), 1]).bytes))
            let note = DeadLetterNote(reason: .rejected, error: "no", attempts: 1)
            let outcomes = try await subscription.settle(
                DialectStage.receipts(2).map { Settlement($0, .deadLetter(note)) })
            #expect(outcomes.map(\.kind) == ["refused", "done"])
            guard case .refused(let error) = outcomes[0] else { return }
            #expect(error.code == .unauthorized)
            #expect(!error.isRetryable)
        }
    }

    @Test(arguments: Dialect.allCases)
    func aForgottenScriptIsSentByItsText(_ dialect: Dialect) async throws {
        try await DialectStage.with(dialect) { stage in
            let subscription = try await stage.join()
            stage.script.answer(RedisScripts.park, .bytes(RedisValue.error(dialect.unknownScript).bytes))
            stage.script.answer("EVAL", .bytes("*2\r\n:1\r\n:1\r\n"))
            #expect(try await subscription.settle(Self.settlements).map(\.kind) == ["done", "done"])
            #expect(stage.server.received.last?.prefix(2) == ["EVAL", RedisScripts.park.text])
        }
    }
}

extension SettlementOutcome {
    /// The word for it.
    fileprivate var kind: String {
        switch self {
        case .done, .deadLettered: "done"
        case .renewed: "renewed"
        case .lost: "lost"
        case .settled: "settled"
        case .missing: "missing"
        case .refused: "refused"
        }
    }
}
