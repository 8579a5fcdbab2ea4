// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// What is logged of messages that fail: each attempt, and each that is given up, since no publisher hears of it.
extension EventLog {
    func logFailures(_ settled: SettledEvent) {
        if settled.isAllAcknowledged { return }
        for entry in settled.entries {
            if entry.kind == .release, entry.outcome == .done { released.add(1, ordering: .relaxed) }
            // What the provider refused is sent again, and told then.
            if let failure = entry.failure, entry.outcome != .refused {
                logFailure(failure, of: entry, by: settled.consumer)
            }
        }
    }

    private func logFailure(_ failure: AttemptFailure, of entry: SettledEvent.Entry, by consumer: ConsumerIdentity) {
        let isLoss = failure.reason != nil && entry.outcome == .done
        let now = clock.now
        let unsaid = failurePace.withLock { $0.note(isLoss ? .loss : .attempt, of: consumer, now: now) }
        guard let unsaid else { return }
        let line = FailureLine(entry: entry, failure: failure, group: consumer.group, detail: detail)
        let metadata = about(consumer, line.metadata(unsaid: unsaid))
        logger.log(level: isLoss ? .warning : .notice, "\(line.text(unsaid: unsaid))", metadata: metadata)
    }

    /// Tells how many failures of some groups were left unsaid so far.
    func logUnsaid(where isMeant: (FailurePace.Key) -> Bool) {
        for (key, count) in failurePace.withLock({ $0.takeUnsaid(where: isMeant) }) {
            logger.warning(
                "\(count) more \(key.topic.words) were not logged: \(key.selection) in group \(key.group)",
                metadata: [
                    LoggingKeys.broker: "\(key.broker)", LoggingKeys.stream: "\(key.selection)",
                    LoggingKeys.group: "\(key.group)", LoggingKeys.unsaid: "\(count)",
                ])
        }
    }

    /// A handler that does not end looks like one that has nothing to do.
    func logSlowHandler(_ delivery: DeliveryIdentity, _ running: Duration) {
        let now = clock.now
        guard let unsaid = failurePace.withLock({ $0.note(.slow, of: delivery.consumer, now: now) }) else { return }
        let rest = unsaid == 0 ? "" : "; \(unsaid) others were not logged"
        logger.warning(
            """
            A handler has been running for \(running.inWords): \(words(delivery)); 'timeout' has such a handler \
            cancelled, and a longer 'warn-after' keeps this line away\(rest)
            """,
            metadata: about(delivery, [LoggingKeys.duration: "\(running.inWords)"]))
    }

    /// The whole process stands still; this line comes from a thread that does not.
    func logBlockedPool(_ duration: Duration, _ handlers: [RunningHandler]) {
        let suspects = handlers.map {
            "\($0.stream) \($0.message) in group \($0.group) for \($0.running.inWords)"
        }
        let running = suspects.isEmpty ? "no handler runs" : "running longest: " + suspects.joined(separator: ", ")
        logger.error(
            """
            Every thread of the pool has been blocked for \(duration.inWords), and nothing is handled, settled or \
            published; a handler that blocks its thread (a lock, a synchronous call, an endless loop) stops \
            everything, so run such code on threads of its own; \(running)
            """,
            metadata: [LoggingKeys.duration: "\(duration.inWords)"])
    }

    /// A handler may throw anything; the error of a second settlement is the framework's own, and says so.
    func logFailureAfterSettling(_ delivery: DeliveryIdentity, _ error: any Error) {
        let cause = FailureCause.threw(error, text: errorText(error))
        logger.warning(
            """
            A handler threw after it had settled, and the settlement holds: \(delivery.stream) \(delivery.id) in group \
            \(delivery.consumer.group): \(cause.words(detail))
            """,
            metadata: about(delivery, [LoggingKeys.error: "\(cause.words(detail))"]))
    }
}

/// The sentence about one failure.
private struct FailureLine {
    let entry: SettledEvent.Entry
    let failure: AttemptFailure
    let group: GroupName
    let detail: ErrorDetail

    private var error: String { failure.cause.words(detail) }

    func text(unsaid: Int) -> String {
        let message = "\(entry.receipt.stream) \(entry.receipt.id) in group \(group)"
        let rest = unsaid == 0 ? "" : "; \(unsaid) failures before it were not logged"
        guard let reason = failure.reason, entry.outcome == .done else {
            return "An attempt failed: \(message), attempt \(attempts): \(error); \(future)\(rest)"
        }
        let made = "\(message), after \(attempts) \(failure.limit == 1 ? "attempt" : "attempts"): \(error)"
        guard entry.kind == .deadLetter else {
            return "A message was given up, \(reason.words): \(made); 'dead-letter.enabled' is false\(rest)"
        }
        return "A message became a dead letter, \(reason.words): \(made)\(place)\(rest)"
    }

    /// `2 of 5`
    private var attempts: String {
        failure.limit.map { "\(failure.attempts) of \($0)" } ?? "\(failure.attempts)"
    }

    /// What follows from a failed attempt.
    private var future: String {
        switch entry.outcome {
        case .lost: return "another consumer has the message now"
        case .missing: return "the message is gone from its stream"
        case .settled where failure.next == nil: return "the message had been settled before"
        case .done, .settled, .refused, .unknown: break
        }
        guard let next = failure.next, next > .zero else { return "the next one at once" }
        return "the next one in \(next.inWords)"
    }

    private var place: String {
        guard let place = failure.deadLetter else { return "" }
        return place.id.map { "; it is \($0) in \(place.stream)" } ?? "; it is in \(place.stream)"
    }

    func metadata(unsaid: Int) -> Logger.Metadata {
        var facts: Logger.Metadata = [
            LoggingKeys.stream: "\(entry.receipt.stream)", LoggingKeys.message: "\(entry.receipt.id)",
            LoggingKeys.attempt: "\(failure.attempts)", LoggingKeys.error: "\(error)",
        ]
        if let limit = failure.limit { facts[LoggingKeys.attempts] = "\(limit)" }
        if let reason = failure.reason { facts[LoggingKeys.reason] = "\(reason.rawValue)" }
        if let next = failure.next { facts[LoggingKeys.next] = "\(next.inWords)" }
        if let place = failure.deadLetter {
            facts[LoggingKeys.deadLetterStream] = "\(place.stream)"
            if let id = place.id { facts[LoggingKeys.deadLetter] = "\(id)" }
        }
        if unsaid > 0 { facts[LoggingKeys.unsaid] = "\(unsaid)" }
        return facts
    }
}

extension DeadLetterNote.Reason {
    fileprivate var words: String {
        switch self {
        case .attempts: "attempts used up"
        case .crashed: "crashed"
        case .undecodable: "undecodable"
        case .rejected: "rejected"
        }
    }
}
