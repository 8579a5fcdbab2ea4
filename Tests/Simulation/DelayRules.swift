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

    private let policy: RetryPolicy
    private var decided: [Attempt: (at: Instant, least: Duration)] = [:]
    private var notBefore: [Attempt: Instant] = [:]
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
        decided[attempt] = (now, asked ?? least(afterAttempt: attempt.number))
    }

    /// The shortest that jitter leaves of the policy's delay.
    private func least(afterAttempt number: Int) -> Duration {
        var plain = RetryPolicy(
            attempts: policy.attempts, backoff: policy.backoff, initial: policy.initial, maximum: policy.maximum,
            jitter: 0)
        plain.jitter = 0
        var nobody = NoChance()
        return plain.delay(afterAttempt: number, using: &nobody) * (1 - policy.jitter) + .nanoseconds(-1)
    }

    /// A settlement was sent.
    mutating func sent(_ settlement: Settlement, _ key: LeaseRules.Key, by process: Int) {
        let attempt = Attempt(process: process, key: key, number: FencingToken.attempt(of: settlement.receipt.token))
        // A retry in place that is handed back, by a drain or because its lane is gone, is anybody's at once.
        if case .release = settlement.action { notBefore[attempt] = nil }
        guard case .retry(let delay) = settlement.action, !isBlurred, let known = decided[attempt] else { return }
        if delay < known.least { violations.append("\(key.id) was to wait \(known.least), and \(delay) was sent") }
    }

    /// A lease was renewed for a retry in place.
    mutating func renewed(_ old: Receipt, to new: Receipt, _ key: LeaseRules.Key, by process: Int) {
        let before = Attempt(process: process, key: key, number: FencingToken.attempt(of: old.token))
        guard let known = decided[before] else { return }
        let after = Attempt(process: process, key: key, number: FencingToken.attempt(of: new.token))
        notBefore[after] = known.at + known.least
    }

    /// A handler begins.
    mutating func begins(_ attempt: Attempt, now: Instant) {
        // A released attempt comes again under its own number.
        decided[attempt] = nil
        if let instant = notBefore.removeValue(forKey: attempt), now < instant, !isBlurred {
            violations.append("\(attempt.key.id) was begun \(instant - now) before its retry in place was due")
        }
    }
}

/// For delays without jitter, which ask nobody.
private struct NoChance: RandomNumberGenerator {
    mutating func next() -> UInt64 { 0 }
}
