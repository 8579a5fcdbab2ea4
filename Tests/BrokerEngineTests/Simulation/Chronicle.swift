// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import Synchronization

/// Everything that happens in one simulation, line by line, and the rules that each fact is held against.
final class Chronicle: Sendable {
    /// The rules, and what was published.
    struct Rules: Sendable {
        var leases = LeaseRules()
        var handling = HandlingRules()
        var holding = HoldingRules()
        /// The numbers of the messages that are stored.
        var stored: [MessageID: Int] = [:]
        /// The ids whose publishing was acknowledged.
        var acknowledged: Set<MessageID> = []
        /// Deleted or purged on purpose.
        var removed: Set<MessageID> = []
        /// How many wait for what becomes of a settlement.
        var waiters = 0
        var violations: [String] = []

        mutating func gather(now: Instant) -> [String] {
            let found = violations + leases.takeViolations() + handling.takeViolations(now: now)
            violations = []
            return found + holding.takeViolations()
        }
    }

    /// What broke a rule first, with what happened before.
    struct Failure: Sendable {
        let violations: [String]
        let before: [String]
    }

    private struct State {
        var rules = Rules()
        var lines: [String] = []
        var failure: Failure?
    }

    private let clock: ManualClock
    private let origin: Instant
    private let state = Mutex(State())

    init(clock: ManualClock) {
        self.clock = clock
        origin = clock.now
    }

    var lines: [String] { state.withLock { $0.lines } }
    var failure: Failure? { state.withLock { $0.failure } }
    var rules: Rules { state.withLock { $0.rules } }

    /// Takes note of a fact, and of what it means for the rules.
    @discardableResult
    func note<Answer: Sendable>(_ line: String, _ body: (inout Rules, Instant) -> Answer) -> Answer {
        let now = clock.now
        let milliseconds = (now - origin) / .milliseconds(1)
        return state.withLock { state in
            let overdue = state.rules.gather(now: now)
            state.lines.append("\(milliseconds) \(line)")
            let answer = body(&state.rules, now)
            let found = overdue + state.rules.gather(now: now)
            if !found.isEmpty, state.failure == nil {
                state.failure = Failure(violations: found, before: state.lines.suffix(50))
            }
            return answer
        }
    }

    func note(_ line: String) {
        note(line) { _, _ in }
    }

    /// Takes note of what must not be.
    func blame(_ text: String) {
        note("violation: \(text)") { rules, _ in rules.violations.append(text) }
    }
}
