// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Station 5 of 6: what is to be done about a message. Depends on how its handler ended, the attempt and the policies.
///
/// It is one word, since it is copied with every settlement: a plain acknowledgement has no details.
package struct Verdict: Sendable {
    /// What all others have besides.
    private final class Details: Sendable {
        let action: Settlement.Action
        let resumeAfter: Duration?
        let isDiscard: Bool
        let isForwarded: Bool
        let failure: AttemptFailure?

        init(
            _ action: Settlement.Action, resumeAfter: Duration?, isDiscard: Bool, isForwarded: Bool,
            failure: AttemptFailure?
        ) {
            self.action = action
            self.resumeAfter = resumeAfter
            self.isDiscard = isDiscard
            self.isForwarded = isForwarded
            self.failure = failure
        }
    }

    private let details: Details?

    /// The message was handled.
    package static let ack = Verdict(details: nil)

    private init(details: Details?) {
        self.details = details
    }

    package init(
        _ action: Settlement.Action, resumeAfter: Duration? = nil, isDiscard: Bool = false, isForwarded: Bool = false,
        failure: AttemptFailure? = nil
    ) {
        details = Details(
            action, resumeAfter: resumeAfter, isDiscard: isDiscard, isForwarded: isForwarded, failure: failure)
    }

    /// Whether the message was handled, and nothing else is to be said.
    var isPlainAck: Bool { details == nil }
    /// What the provider is asked to do.
    package var action: Settlement.Action { details?.action ?? .ack }
    /// For a retry in place: how long the message waits in its lane.
    package var resumeAfter: Duration? { details?.resumeAfter }
    /// Whether the message is given up without a dead letter.
    package var isDiscard: Bool { details?.isDiscard ?? false }
    /// Whether what was published in its place is stored already.
    package var isForwarded: Bool { details?.isForwarded ?? false }
    /// Why the attempt failed; `nil` if it did not.
    package var failure: AttemptFailure? { details?.failure }

    /// Decides. Every row of the table "How a handler may end" is a case.
    package init(
        on ending: Ending, attempt: Int, releases: Int, rules: VerdictRules,
        using generator: inout some RandomNumberGenerator
    ) {
        var failure: Failure { Failure(attempt: attempt, rules: rules) }
        switch ending {
        case .returned, .asked(.ack), .meantForAnother:
            self = .ack
        case .asked(.nack(let reason)):
            self = failure.retry(.nack(reason), using: &generator)
        case .asked(.retry(let delay)):
            self = failure.retry(.retry, after: delay)
        case .asked(.release) where releases >= VerdictRules.maximumReleases:
            self = failure.retry(.released(releases), using: &generator)
        case .asked(.release):
            self.init(.release(after: VerdictRules.releasePause))
        case .asked(.forward(let entries)):
            self.init(.forward(entries))
        case .asked(.forwarded):
            self.init(.ack, isForwarded: true)
        case .asked(.deadLetter(let reason)), .rejected(let reason):
            self = failure.giveUp(.rejected, .rejected(reason), using: &generator)
        case .threw(let error):
            self = failure.retry(.threw(error, text: rules.errorText(error)), using: &generator)
        case .undecodable(let undecodable):
            self = failure.giveUp(.undecodable, .undecodable(undecodable), using: &generator)
        case .timedOut:
            self = failure.retry(.timeout, using: &generator)
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

    func retry(_ cause: FailureCause, using generator: inout some RandomNumberGenerator) -> Verdict {
        retry(cause, after: rules.retry.delay(afterAttempt: attempt, using: &generator))
    }

    func retry(_ cause: FailureCause, after delay: Duration) -> Verdict {
        guard attempt < rules.attempts else { return giveUp(.attempts, cause, attempts: attempt) }
        let failure = AttemptFailure(cause, attempts: attempt, limit: rules.limit, next: delay)
        return rules.retriesInPlace
            ? Verdict(.renew, resumeAfter: delay, failure: failure)
            : Verdict(.retry(after: delay), failure: failure)
    }

    /// What can never succeed is not tried again, unless there is nowhere else to put it.
    func giveUp(
        _ reason: DeadLetterNote.Reason, _ cause: FailureCause, using generator: inout some RandomNumberGenerator
    ) -> Verdict {
        rules.neverGivesUp ? retry(cause, using: &generator) : giveUp(reason, cause, attempts: attempt)
    }

    /// The attempt that was just counted was not run; those before it ended with their holders.
    func crashed() -> Verdict {
        giveUp(.crashed, .crashed, attempts: max(1, attempt) - 1)
    }

    private func giveUp(_ reason: DeadLetterNote.Reason, _ cause: FailureCause, attempts: Int) -> Verdict {
        let failure = AttemptFailure(cause, attempts: attempts, limit: rules.limit, reason: reason)
        guard rules.deadLetters else { return Verdict(.ack, isDiscard: true, failure: failure) }
        let note = DeadLetterNote(reason: reason, error: cause.text, attempts: attempts)
        return Verdict(.deadLetter(note), failure: failure)
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
    /// How an error that a handler threw is told in words.
    package var errorText: @Sendable (any Error) -> String

    package init(
        retry: RetryPolicy, deadLetters: Bool, retriesInPlace: Bool, neverGivesUp: Bool = false,
        errorText: @escaping @Sendable (any Error) -> String = { String(describing: $0) }
    ) {
        self.retry = retry
        self.deadLetters = deadLetters
        self.retriesInPlace = retriesInPlace
        self.neverGivesUp = neverGivesUp
        self.errorText = errorText
    }

    /// How often a message may be run in all.
    package var attempts: Int { limit ?? .max }

    /// The same; `nil` if there is no limit.
    package var limit: Int? { neverGivesUp ? nil : retry.attempts }

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
