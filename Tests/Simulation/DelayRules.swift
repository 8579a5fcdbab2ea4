// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// How long a message that failed has to wait, held against what is sent and against when it runs again: a pure value.
struct DelayRules: Sendable {
    /// One attempt in one process.
    struct Attempt: Hashable, Sendable {
        let process: Int
        let key: LeaseRules.Key
        let number: Int
    }

    /// A failure, and the bounds of the delay that follows it.
    private struct Failure {
        let at: Instant
        let least: Duration
        let most: Duration
    }

    /// So late at most is what is due while there is nothing else to do.
    static let slack = Duration.seconds(1)

    private let policy: RetryPolicy
    private var decided: [Attempt: Failure] = [:]
    /// When retries in place begin.
    private var due: [Attempt: ClosedRange<Instant>] = [:]
    /// From when only handlers fail.
    var isQuiet = false
    /// After a group or leases were lost the same attempt of a message is made twice, even at once.
    private var isBlurred = false
    private var violations: [String] = []

    init(policy: RetryPolicy) {
        self.policy = policy
    }

    mutating func takeViolations() -> [String] {
        if violations.isEmpty { return [] }
        defer { violations = [] }
        return violations
    }

    mutating func blur() { isBlurred = true }

    /// A handler has failed, or asked for a retry after so long; the first counts.
    mutating func failed(_ attempt: Attempt, after asked: Duration?, now: Instant) {
        guard decided[attempt] == nil, !isBlurred else { return }
        let plain = plain(afterAttempt: attempt.number)
        decided[attempt] = Failure(
            at: now, least: asked ?? plain * (1 - policy.jitter) + .nanoseconds(-1),
            most: asked ?? min(policy.maximum, plain * (1 + policy.jitter) + .nanoseconds(1)))
    }

    /// The policy's delay without jitter.
    private func plain(afterAttempt number: Int) -> Duration {
        var plain = policy
        plain.jitter = 0
        var nobody = NoChance()
        return plain.delay(afterAttempt: number, using: &nobody)
    }

    /// A settlement was sent.
    mutating func sent(_ settlement: Settlement, _ key: LeaseRules.Key, by process: Int, now: Instant) {
        let attempt = Attempt(process: process, key: key, number: FencingToken.attempt(of: settlement.receipt.token))
        switch settlement.action {
        case .release(let delay):
            // A retry in place that is handed back, by a drain or because its lane is gone, waits on elsewhere.
            guard let instant = due.removeValue(forKey: attempt)?.lowerBound, !isBlurred, now + delay < instant else {
                return
            }
            violations.append("\(key.id) was handed back for after \(delay), its retry is due in \(instant - now)")
        case .retry(let delay):
            guard !isBlurred, let known = decided[attempt], delay < known.least || delay > known.most else { return }
            violations.append("\(key.id) was to wait \(known.least) to \(known.most), and \(delay) was sent")
        default: return
        }
    }

    /// A lease was renewed for a retry in place.
    mutating func renewed(_ old: Receipt, to new: Receipt, _ key: LeaseRules.Key, by process: Int) {
        let before = Attempt(process: process, key: key, number: FencingToken.attempt(of: old.token))
        guard let known = decided[before] else { return }
        let after = Attempt(process: process, key: key, number: FencingToken.attempt(of: new.token))
        due[after] = known.at + known.least...known.at + known.most
    }

    /// A handler begins. What failed in a batch waits for its neighbours.
    mutating func begins(_ attempt: Attempt, isInBatch: Bool, now: Instant) {
        // A released attempt comes again under its own number.
        decided[attempt] = nil
        guard let due = due.removeValue(forKey: attempt), !isBlurred else { return }
        if now < due.lowerBound {
            violations.append("\(attempt.key.id) was begun \(due.lowerBound - now) before its retry in place was due")
        }
        if isQuiet, !isInBatch, now > due.upperBound + Self.slack {
            violations.append("\(attempt.key.id) was begun \(now - due.upperBound) after its retry in place was due")
        }
    }
}

/// For delays without jitter, which ask nobody.
private struct NoChance: RandomNumberGenerator {
    mutating func next() -> UInt64 { 0 }
}
