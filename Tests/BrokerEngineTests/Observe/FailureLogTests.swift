// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Logging
import Testing

/// What the log says of messages that fail, word for word.
@Suite(.timeLimit(.minutes(1))) struct FailureLogTests {
    private struct CardDeclined: Error, CustomStringConvertible {
        let description = "the card 4711 was declined"
    }

    /// Runs a handler for one message and returns the lines until a minute later.
    private func lines(
        _ options: ConsumerOptions = .test(), detail: ErrorDetail = .type, facts: Journal<Logger.Metadata> = Journal(),
        handling duration: Duration = .zero, of handler: @escaping DeliveryHandler
    ) async throws -> [String] {
        let lines = Journal<String>()
        let bench = try EngineBench(options, detail: detail, logger: LineLog.logger(lines, facts))
        bench.handle { delivery in
            await bench.pass(duration)
            try Task.checkCancellation()
            try await handler(delivery)
        }
        try await bench.run {
            try await bench.publish("4711")
            await bench.pass(.seconds(59))
        }
        return lines.all.filter { !$0.hasPrefix("info: ") }
    }

    @Test func everyFailedAttemptSaysWhyAndWhenTheNextIsAndTheDeadLetterWhereItIs() async throws {
        let found = try await lines(.test(delay: .milliseconds(1500))) { _ in throw CardDeclined() }
        #expect(
            found == [
                """
                notice: An attempt failed: orders 1700000000000-0 in group billing, attempt 1 of 3: CardDeclined; the \
                next one in 1.5 s
                """,
                """
                notice: An attempt failed: orders 1700000000000-0 in group billing, attempt 2 of 3: CardDeclined; the \
                next one in 1.5 s
                """,
                """
                warning: A message became a dead letter, attempts used up: orders 1700000000000-0 in group billing, \
                after 3 of 3 attempts: CardDeclined; it is 1700000003000-0 in {orders}:dead
                """,
            ])
    }

    @Test func theTextOfAnErrorIsLoggedByChoice() async throws {
        let found = try await lines(.test(attempts: 1), detail: .full) { _ in throw CardDeclined() }
        #expect(
            found == [
                """
                warning: A message became a dead letter, attempts used up: orders 1700000000000-0 in group billing, \
                after 1 of 1 attempt: CardDeclined: the card 4711 was declined; it is 1700000000000-0 in {orders}:dead
                """
            ])
    }

    @Test func aTextCannotBeginALineOfItsOwn() async throws {
        let forged = Failure("no\nwarning: all is lost")
        let found = try await lines(.test(attempts: 1), detail: .full) { _ in throw forged }
        #expect(found.count == 1)
        #expect(found.first?.contains("Failure: no\\u{a}warning: all is lost; it is") == true)
    }

    @Test(arguments: [
        (Reject("card 4711"), "rejected", "the handler rejected it"),
        (BrokerError(.closed, "the shop has closed") as any Error, "attempts used up", "closed: the shop has closed"),
    ])
    func whatTheFrameworkItselfSaysIsLogged(_ error: any Error, _ reason: String, _ words: String) async throws {
        let found = try await lines(.test(attempts: 1)) { _ in throw error }
        #expect(
            found == [
                """
                warning: A message became a dead letter, \(reason): orders 1700000000000-0 in group billing, after 1 of \
                1 attempt: \(words); it is 1700000000000-0 in {orders}:dead
                """
            ])
    }

    @Test func aMessageThatIsGivenUpWithoutADeadLetterSaysSo() async throws {
        let found = try await lines(.test(attempts: 1, deadLetters: false)) { _ in throw CardDeclined() }
        #expect(
            found == [
                """
                warning: A message was given up, attempts used up: orders 1700000000000-0 in group billing, after 1 of 1 \
                attempt: CardDeclined; 'dead-letter.enabled' is false
                """
            ])
    }

    @Test func whatAHandlerAskedForIsToldWithoutItsWords() async throws {
        let asked = try await lines(.test(attempts: 2)) { delivery in
            if delivery.attempt == 1 { try delivery.retry(after: .zero) } else { try delivery.nack("card 4711") }
        }
        #expect(
            asked == [
                """
                notice: An attempt failed: orders 1700000000000-0 in group billing, attempt 1 of 2: the handler asked \
                for a retry; the next one at once
                """,
                """
                warning: A message became a dead letter, attempts used up: orders 1700000000000-0 in group billing, \
                after 2 of 2 attempts: the handler called nack; it is 1700000000000-0 in {orders}:dead
                """,
            ])
    }

    @Test func aHandlerThatTookTooLongIsToldAsSuch() async throws {
        let found = try await lines(.test(timeout: .seconds(2), attempts: 1), handling: .seconds(3)) { _ in }
        #expect(found.count == 1)
        #expect(found.first?.contains("after 1 of 1 attempt: the handler took longer than its timeout; it is ") == true)
    }

    @Test func aSecondSettlementIsToldByTheFrameworksOwnError() async throws {
        let found = try await lines { delivery in
            try delivery.ack()
            try delivery.ack()
        }
        #expect(
            found == [
                """
                warning: A handler threw after it had settled, and the settlement holds: orders 1700000000000-0 in group \
                billing: alreadySettled: an earlier call has settled this delivery, and that settlement holds; a handler \
                calls one of ack, nack, retry, release, deadLetter and forward at most: return after it
                """
            ])
    }

    @Test func theFactsAreMetadataToo() async throws {
        let facts = Journal<Logger.Metadata>()
        _ = try await lines(.test(attempts: 2), facts: facts) { _ in throw CardDeclined() }
        let failures = facts.all.filter { $0["error"] != nil }
        #expect(
            failures == [
                [
                    "broker.name": "events", "broker.stream": "orders", "broker.group": "billing",
                    "broker.message": "1700000000000-0", "broker.attempt": "1", "broker.attempts": "2",
                    "error": "CardDeclined", "broker.next-attempt-in": "1 s",
                ],
                [
                    "broker.name": "events", "broker.stream": "orders", "broker.group": "billing",
                    "broker.message": "1700000000000-0", "broker.attempt": "2", "broker.attempts": "2",
                    "error": "CardDeclined", "broker.reason": "attempts", "broker.dead-letter.stream": "{orders}:dead",
                    "broker.dead-letter.message": "1700000001000-0",
                ],
            ])
    }

    @Test func aStreamOfFailuresDoesNotFloodAndTheRestIsCountedInTheEnd() async throws {
        let lines = Journal<String>()
        let bench = try EngineBench(.test(attempts: 1), logger: LineLog.logger(lines))
        bench.handle { _ in throw CardDeclined() }
        try await bench.run {
            try await bench.publish(numbers: 0..<500)
            await bench.pass(.milliseconds(1))
        }
        #expect(lines.all.count { $0.contains("became a dead letter") } == 10)
        #expect(
            lines.all.contains(
                "warning: 490 more messages that were given up were not logged: orders in group billing"))
    }

    @Test func eventsCarryTheCauseAndWhatFollows() async throws {
        let bench = try EngineBench(.test(attempts: 2))
        bench.handle { _ in throw CardDeclined() }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(59))
        }
        let cause = FailureCause(
            .threw, errorType: "CardDeclined", summary: "CardDeclined", text: "the card 4711 was declined")
        let place = DeadLetterPlace(stream: "{orders}:dead", id: MessageID("1700000001000-0"))
        #expect(
            bench.events.settled.map(\.failure) == [
                AttemptFailure(cause, attempts: 1, limit: 2, next: .seconds(1)),
                AttemptFailure(cause, attempts: 2, limit: 2, reason: .attempts, deadLetter: place),
            ])
    }

    @Test func whatSucceedsCarriesNoFailure() async throws {
        let bench = try EngineBench(.test())
        bench.handle { _ in }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(1))
        }
        #expect(bench.events.settled.map(\.failure) == [nil])
    }
}
