// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisWire
import Testing

/// Decisions become few commands, and their answers outcomes in order.
@Suite struct SettlementPlanTests {
    private let memberships = MembershipTable(
        ["a", "b"].map { Membership($0, group: "g", keys: RedisKeys(), epoch: 7) })
    private let member = Member(SubscriptionRequest(.stream("a"), group: "g", consumer: "c"))
    private let note = DeadLetterNote(reason: .rejected, error: "no", attempts: 1)

    private func line(
        _ number: UInt64, _ action: Settlement.Action, in stream: StreamName = "a", epoch: UInt64 = 7
    ) -> SettlementPlan.Line {
        let id = MessageID(milliseconds: number, sequence: 0)
        let receipt = Receipt(stream: stream, id: id, epoch: epoch, token: 3)
        return SettlementPlan.Line(receipt, LeaseVerb(Settlement(receipt, action)))
    }

    private func plan(_ lines: SettlementPlan.Line...) -> SettlementPlan { plan(lines) }

    private func plan(_ lines: [SettlementPlan.Line]) -> SettlementPlan {
        SettlementPlan(lines, memberships: memberships, member: member, keys: RedisKeys()) {
            PublishTarget(to: $0, declared: [], keys: RedisKeys())
        }
    }

    @Test func acksOfAStreamAreOneCommand() {
        let plan = plan(line(1, .ack), line(2, .ack, in: "b"), line(3, .ack), line(4, .retry(after: .zero)))
        #expect(plan.acked.map(Array.init) == [[0, 2], [1]])
        #expect(plan.called.map(Array.init) == [[3]])
        #expect((plan.acks.count, plan.calls.count) == (2, 1))
    }

    @Test func releasesAndRetriesShareAScriptAndForwardsDoNot() {
        let plan = plan(
            line(1, .retry(after: .zero)), line(2, .forward([], to: "x")), line(3, .release(after: .zero)),
            line(4, .forward([], to: "x")), line(5, .deadLetter(note)), line(6, .renew))
        #expect(plan.called.map(Array.init) == [[0, 2], [1], [3], [4], [5]])
        #expect(plan.acks.count == 0)
    }

    @Test func manyEntriesAreSeveralCalls() {
        let lines = (0..<600).map { line($0, .retry(after: .zero)) }
        let plan = plan(lines)
        #expect(plan.called.map(\.count) == [256, 256, 88])
    }

    @Test func anotherEpochAndAnUnknownStreamAreSettledWithoutACommand() throws {
        let plan = plan(line(1, .ack, epoch: 6), line(2, .renew, in: "gone"))
        #expect((plan.acks.count, plan.calls.count) == (0, 0))
        #expect(try plan.outcomes([], []).map(\.word) == ["settled", "settled"])
    }

    @Test func answersBecomeOutcomesInOrder() throws {
        let plan = plan(
            line(1, .ack), line(2, .retry(after: .zero)), line(3, .renew), line(4, .release(after: .zero)),
            line(5, .retry(after: .zero)), line(6, .retry(after: .zero)))
        let outcomes = try plan.outcomes(
            reply(":1\r\n"), reply("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n*1\r\n:1\r\n", count: 2))
        #expect(outcomes.map(\.word) == ["done", "done", "renewed", "settled", "lost", "missing"])
        guard case .renewed(let receipt) = outcomes[2] else { return }
        #expect(receipt.token == 4)
    }

    @Test func theIdOfADeadLetterIsPassedOn() throws {
        let plan = plan(line(1, .deadLetter(note)), line(2, .deadLetter(note)))
        let outcomes = try plan.outcomes([], reply("*2\r\n$3\r\n7-1\r\n:2\r\n"))
        #expect(outcomes.map(\.word) == ["done", "settled"])
        guard case .deadLettered(let id) = outcomes[0] else { throw Unexpected() }
        #expect(id == MessageID(milliseconds: 7, sequence: 1))
        #expect(plan.destinations(outcomes) == ["{a}:dead"])
    }

    private struct Unexpected: Error {}

    @Test func acksThatChangedNothingAreSettled() throws {
        let plan = plan(line(1, .ack), line(2, .ack))
        #expect(try plan.outcomes(try reply(":0\r\n"), []).map(\.word) == ["settled", "settled"])
        #expect(try plan.outcomes(try reply(":1\r\n"), []).map(\.word) == ["done", "done"])
    }

    @Test func aGroupOrStreamThatIsGoneHasNothingPending() throws {
        let plan = plan(line(1, .ack), line(2, .retry(after: .zero)), line(3, .deadLetter(note)))
        let wrong = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
        let outcomes = try plan.outcomes(
            reply(wrong), reply("*1\r\n-NOGROUP No such key 'a' or consumer group 'g'\r\n*1\r\n\(wrong)", count: 2))
        #expect(outcomes.map(\.word) == ["settled", "settled", "refused"])
        guard case .refused(let error) = outcomes[2] else { return }
        #expect(error.message.contains("the key '{a}:dead' holds no stream"), "\(error.message)")
    }

    @Test func whatIsRefusedDoesNotTouchItsNeighbours() throws {
        let plan = plan(line(1, .deadLetter(note)), line(2, .deadLetter(note)), line(3, .ack))
        let outcomes = try plan.outcomes(
            reply(":1\r\n"), reply("*2\r\n-OOM command not allowed when used memory > 'maxmemory'.\r\n:1\r\n"))
        #expect(outcomes.map(\.word) == ["refused", "done", "done"])
        guard case .refused(let error) = outcomes[0] else { return }
        #expect(error.isRetryable)
    }

    @Test func aServerThatCanDoNothingJustNowFailsTheCall() throws {
        let plan = plan(line(1, .ack), line(2, .retry(after: .zero)))
        let loading = "-LOADING Redis is loading the dataset in memory\r\n"
        let error = #expect(throws: BrokerError.self) { try plan.outcomes(reply(loading), reply(loading)) }
        #expect(error?.isRetryable == true)
    }

    @Test func anAnswerThatIsTooShortIsRefused() throws {
        let plan = plan(line(1, .renew), line(2, .renew))
        #expect(try plan.outcomes([], reply("*1\r\n:1\r\n")).map(\.word) == ["renewed", "refused"])
    }

    @Test func theShortestDelayOfAStreamIsWhatCounts() throws {
        let plan = plan(
            line(1, .retry(after: .seconds(5))), line(2, .release(after: .seconds(2))),
            line(3, .retry(after: .seconds(1))), line(4, .retry(after: .seconds(9)), in: "b"))
        let outcomes = try plan.outcomes([], reply("*3\r\n:1\r\n:1\r\n:3\r\n*1\r\n:1\r\n", count: 2))
        #expect(plan.shortestDelays(outcomes) == ["a": .seconds(2), "b": .seconds(9)])
    }
}

extension SettlementOutcome {
    fileprivate var word: String {
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
