// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// The table "How a handler may end", row by row.
@Suite struct VerdictTests {
    private struct Broken: Error, CustomStringConvertible { let description = "broken" }

    private static let noJSON = Ending.undecodable(Undecodable(reason: "no JSON"))
    private static let policy = RetryPolicy(
        attempts: 3, backoff: .fixed, initial: .seconds(2), maximum: .seconds(60), jitter: 0)
    private static let parking = VerdictRules(retry: policy, deadLetters: true, retriesInPlace: false)
    private static let inPlace = VerdictRules(retry: policy, deadLetters: true, retriesInPlace: true)
    private static let discarding = VerdictRules(retry: policy, deadLetters: false, retriesInPlace: false)
    private static let deadLetters = VerdictRules(
        retry: policy, deadLetters: true, retriesInPlace: false, neverGivesUp: true)

    private func verdict(_ ending: Ending, _ attempt: Int, _ rules: VerdictRules, releases: Int = 0) -> String {
        var generator = SeededGenerator(seed: 1)
        return Verdict(on: ending, attempt: attempt, releases: releases, rules: rules, using: &generator).words
    }

    @Test(arguments: [1, 2, 3, 4])
    func successAcknowledgesInEveryAttempt(_ attempt: Int) {
        for rules in [Self.parking, Self.inPlace, Self.discarding, Self.deadLetters] {
            #expect(verdict(.returned, attempt, rules) == "ack")
            #expect(verdict(.asked(.ack), attempt, rules) == "ack")
            #expect(verdict(.asked(.forwarded), attempt, rules) == "ack of what was forwarded")
            let entries = [PublishBatch.Entry(stream: "next", message: Message("x"))]
            #expect(verdict(.asked(.forward(entries)), attempt, rules) == "forward to next")
        }
    }

    @Test func aRejectionIsADeadLetterAtOnce() {
        for ending in [Ending.rejected("no"), .asked(.deadLetter("no"))] {
            #expect(verdict(ending, 1, Self.parking) == "dead letter rejected after 1: no")
            #expect(verdict(ending, 1, Self.inPlace) == "dead letter rejected after 1: no")
            #expect(verdict(ending, 1, Self.discarding) == "discard")
            #expect(verdict(ending, 9, Self.deadLetters) == "retry after 2.0 seconds")
        }
    }

    @Test func aFailureWithAttemptsLeftIsRetriedAfterThePolicysDelay() {
        for ending in [Ending.threw(Broken()), .asked(.nack("no")), .timedOut] {
            #expect(verdict(ending, 2, Self.parking) == "retry after 2.0 seconds")
            #expect(verdict(ending, 2, Self.inPlace) == "renew, again after 2.0 seconds")
            #expect(verdict(ending, 2, Self.discarding) == "retry after 2.0 seconds")
            #expect(verdict(ending, 99, Self.deadLetters) == "retry after 2.0 seconds")
        }
    }

    @Test func aRetryByChoiceWaitsAsLongAsItAskedFor() {
        #expect(verdict(.asked(.retry(.seconds(7))), 1, Self.parking) == "retry after 7.0 seconds")
        #expect(verdict(.asked(.retry(.seconds(7))), 1, Self.inPlace) == "renew, again after 7.0 seconds")
        #expect(verdict(.asked(.retry(.seconds(7))), 99, Self.deadLetters) == "retry after 7.0 seconds")
    }

    @Test(arguments: [3, 4])
    func aFailureInTheLastAttemptIsADeadLetterWithItsError(_ attempt: Int) {
        for rules in [Self.parking, Self.inPlace] {
            let note = "dead letter attempts after \(attempt): "
            #expect(verdict(.threw(Broken()), attempt, rules) == note + "broken")
            #expect(verdict(.asked(.nack("no")), attempt, rules) == note + "no")
            #expect(
                verdict(.asked(.retry(.zero)), attempt, rules) == note + "the handler asked for a retry")
            #expect(verdict(.timedOut, attempt, rules) == note + "the handler took longer than its timeout")
        }
        #expect(verdict(.threw(Broken()), attempt, Self.discarding) == "discard")
    }

    @Test func whatCannotBeDecodedIsADeadLetterAtOnce() {
        #expect(verdict(Self.noJSON, 1, Self.parking) == "dead letter undecodable after 1: no JSON")
        #expect(verdict(Self.noJSON, 1, Self.inPlace) == "dead letter undecodable after 1: no JSON")
        #expect(verdict(Self.noJSON, 1, Self.discarding) == "discard")
        #expect(verdict(Self.noJSON, 1, Self.deadLetters) == "retry after 2.0 seconds")
    }

    @Test(arguments: [1, 3, 9])
    func aShutdownHandsBackAtOnceInEveryAttempt(_ attempt: Int) {
        for rules in [Self.parking, Self.inPlace, Self.discarding, Self.deadLetters] {
            #expect(verdict(.shutDown, attempt, rules, releases: 500) == "release after 0.0 seconds")
            #expect(verdict(.interrupted, attempt, rules, releases: 500) == "release after 0.0 seconds")
        }
    }

    @Test func aReleaseByChoiceDoesNotCountAHundredTimes() {
        #expect(verdict(.asked(.release), 3, Self.parking) == "release after 1.0 seconds")
        #expect(verdict(.asked(.release), 3, Self.inPlace, releases: 99) == "release after 1.0 seconds")
    }

    @Test func afterAHundredReleasesTheNextCountsAsARetry() {
        #expect(verdict(.asked(.release), 1, Self.parking, releases: 100) == "retry after 2.0 seconds")
        #expect(verdict(.asked(.release), 1, Self.inPlace, releases: 100) == "renew, again after 2.0 seconds")
        #expect(
            verdict(.asked(.release), 3, Self.parking, releases: 100)
                == "dead letter attempts after 3: released 100 times")
        #expect(verdict(.asked(.release), 3, Self.discarding, releases: 100) == "discard")
        #expect(verdict(.asked(.release), 3, Self.deadLetters, releases: 100) == "retry after 2.0 seconds")
    }

    @Test func whatItsHoldersDidNotSurviveIsADeadLetterUnrun() {
        let note = "dead letter crashed after 3: its holders ended before they had settled it"
        #expect(verdict(.neverRan, 4, Self.parking) == note)
        #expect(verdict(.neverRan, 4, Self.inPlace) == note)
        #expect(verdict(.neverRan, 4, Self.discarding) == "discard")
    }

    @Test func aStreamOfDeadLettersNeverRunsOutOfAttempts() {
        #expect(Self.deadLetters.attempts == .max)
        #expect(Self.parking.attempts == 3)
    }
}

extension Verdict {
    /// The verdict in words.
    fileprivate var words: String {
        switch action {
        case .ack: isDiscard ? "discard" : isForwarded ? "ack of what was forwarded" : "ack"
        case .retry(let delay): "retry after \(delay)"
        case .renew: "renew, again after \(resumeAfter.map { "\($0)" } ?? "nothing")"
        case .release(let delay): "release after \(delay)"
        case .deadLetter(let note): "dead letter \(note.reason) after \(note.attempts): \(note.error)"
        case .forward(let entries): "forward to \(entries.map(\.stream.text).joined(separator: ", "))"
        }
    }
}
