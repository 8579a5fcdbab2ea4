// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Station 5 of 6: what is to be done about a message. Depends on how its handler ended, the attempt and the policies.
package struct Verdict: Sendable {
    /// What the provider is asked to do.
    package var action: Settlement.Action
    /// For a retry in place: how long the message waits in its lane.
    package var resumeAfter: Duration?
    /// Whether the message is given up without a dead letter.
    package var isDiscard = false
    /// Whether what was published in its place is stored already.
    package var isForwarded = false

    package init(
        _ action: Settlement.Action, resumeAfter: Duration? = nil, isDiscard: Bool = false, isForwarded: Bool = false
    ) {
        self.action = action
        self.resumeAfter = resumeAfter
        self.isDiscard = isDiscard
        self.isForwarded = isForwarded
    }

    /// Decides. Every row of the table "How a handler may end" is a case.
    package init(
        on ending: Ending, attempt: Int, releases: Int, rules: VerdictRules,
        using generator: inout some RandomNumberGenerator
    ) {
        let failure = Failure(attempt: attempt, rules: rules)
        switch ending {
        case .returned, .asked(.ack), .meantForAnother:
            self.init(.ack)
        case .asked(.nack(let reason)):
            self = failure.retry(reason, using: &generator)
        case .asked(.retry(let delay)):
            self = failure.retry("the handler asked for a retry", after: delay)
        case .asked(.release) where releases >= VerdictRules.maximumReleases:
            self = failure.retry("released \(releases) times", using: &generator)
        case .asked(.release):
            self.init(.release(after: VerdictRules.releasePause))
        case .asked(.forward(let entries)):
            self.init(.forward(entries))
        case .asked(.forwarded):
            self.init(.ack, isForwarded: true)
        case .asked(.deadLetter(let reason)), .rejected(let reason):
            self = failure.giveUp(.rejected, reason, using: &generator)
        case .threw(let error):
            self = failure.retry(String(describing: error), using: &generator)
        case .undecodable(let reason):
            self = failure.giveUp(.undecodable, reason, using: &generator)
        case .timedOut:
            self = failure.retry("the handler took longer than its timeout", using: &generator)
        case .shutDown, .interrupted:
            self.init(.release(after: .zero))
        case .neverRan:
            self = failure.crashed()
        }
    }
}

/// The part of the verdict that is about failed messages.
private struct Failure {
    let attempt: Int
    let rules: VerdictRules

    func retry(_ error: String, using generator: inout some RandomNumberGenerator) -> Verdict {
        retry(error, after: rules.retry.delay(afterAttempt: attempt, using: &generator))
    }

    func retry(_ error: String, after delay: Duration) -> Verdict {
        guard attempt < rules.attempts else { return deadLetter(.attempts, error, attempts: attempt) }
        return rules.retriesInPlace ? Verdict(.renew, resumeAfter: delay) : Verdict(.retry(after: delay))
    }

    /// What can never succeed is not tried again, unless there is nowhere else to put it.
    func giveUp(
        _ reason: DeadLetterNote.Reason, _ error: String, using generator: inout some RandomNumberGenerator
    ) -> Verdict {
        rules.neverGivesUp ? retry(error, using: &generator) : deadLetter(reason, error, attempts: attempt)
    }

    /// The attempt that was just counted was not run; those before it ended with their holders.
    func crashed() -> Verdict {
        deadLetter(.crashed, "its holders ended before they had settled it", attempts: max(1, attempt) - 1)
    }

    private func deadLetter(_ reason: DeadLetterNote.Reason, _ error: String, attempts: Int) -> Verdict {
        guard rules.deadLetters else { return Verdict(.ack, isDiscard: true) }
        return Verdict(.deadLetter(DeadLetterNote(reason: reason, error: error, attempts: attempts)))
    }
}

/// What a consumer's policies say, as far as the verdict needs it.
package struct VerdictRules: Sendable {
    /// How often a message is tried, and when.
    package var retry: RetryPolicy
    /// Whether what is given up becomes a dead letter; else it is acknowledged.
    package var deadLetters: Bool
    /// Whether a failed message waits in its lane instead of being parked.
    package var retriesInPlace: Bool
    /// Whether the stream holds dead letters itself: what fails there is tried for ever.
    package var neverGivesUp: Bool

    package init(retry: RetryPolicy, deadLetters: Bool, retriesInPlace: Bool, neverGivesUp: Bool = false) {
        self.retry = retry
        self.deadLetters = deadLetters
        self.retriesInPlace = retriesInPlace
        self.neverGivesUp = neverGivesUp
    }

    /// How often a message may be run in all.
    package var attempts: Int { neverGivesUp ? .max : retry.attempts }

    /// After this many releases of one message by choice, each further one counts as a retry.
    package static let maximumReleases = 100

    /// How long a message that was released by choice is not leased again.
    package static let releasePause = Duration.seconds(1)
}

/// Decides by the policies of one consumer.
struct Decider: Sendable {
    let rules: VerdictRules
    /// Where chance is taken from.
    let runtime: EngineRuntime

    func verdict(on ending: Ending, attempt: Int, releases: Int) -> Verdict {
        var generator = runtime.generator
        return Verdict(on: ending, attempt: attempt, releases: releases, rules: rules, using: &generator)
    }
}
