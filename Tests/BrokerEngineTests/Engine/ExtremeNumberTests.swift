// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Numbers of a provider at the ends of what can be counted.
@Suite(.timeLimit(.minutes(1))) struct ExtremeNumberTests {
    static let numbers = [Int.max, .max - 1, .min, -1, 0]

    @Test(arguments: numbers, [Ordering.none, .key]) func ofAttemptsAndReleasesStopNoConsumer(
        _ number: Int, _ ordering: Ordering
    ) async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(ordering: ordering))
        let begun = Journal<String>()
        bench.handle { delivery in
            begun.append(delivery.text)
            if delivery.text == "again" { try delivery.release() }
            if delivery.text == "fails" { throw Failure() }
        }
        try await bench.run {
            let subscription = try await subscription()
            let renewed = Receipt(stream: "orders", id: MessageID(milliseconds: 1, sequence: 0), epoch: 1, token: .max)
            subscription.settling.next(.value([.renewed(renewed)]))
            var messages = ["fails", "again", "works"].enumerated().map { index, text in
                InboundMessage.scripted(UInt64(index + 1), payload: Payload(text), key: text, attempt: number)
            }
            for index in messages.indices { messages[index].releases = number }
            subscription.deliver(Received(messages: [messages[0]], outstanding: number))
            await bench.pass(.seconds(10))
            subscription.deliver(Received(messages: Array(messages[1...]), outstanding: number))
            await bench.pass(.seconds(10))
            subscription.deliver([.scripted(9, payload: "last")])
            await bench.pass(.seconds(10))
        }
        #expect(begun.all.contains("last"))
    }

    @Test(arguments: numbers) func ofAttemptsAreWrittenIntoADeadLetter(_ number: Int) throws {
        let rules = VerdictRules(retry: RetryPolicy(), deadLetters: true, retriesInPlace: false)
        var generator = SeededGenerator(seed: 1)
        let verdict = Verdict(on: .neverRan, attempt: number, releases: number, rules: rules, using: &generator)
        guard case .deadLetter(let note) = verdict.action else { return #expect(Bool(false), "\(verdict)") }
        #expect(note.attempts == max(1, number) - 1)
    }

    @Test func ofADeadLetterThatIsRenewedForEverStayAtTheirEnd() throws {
        var table = LeaseTable()
        let held = try table.beginOne(.scripted(1, attempt: .max))
        _ = try table.endOne(held, failed: true)
        let decision = Decision(held, Verdict(.renew, resumeAfter: .seconds(1)))
        _ = table.apply(.renewed(held.receipt.renewed), of: decision)
        #expect(table.lease(held.slot)?.attempt == .max)
    }
}
