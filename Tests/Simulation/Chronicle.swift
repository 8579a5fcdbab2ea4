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
        var handling: HandlingRules
        var holding = HoldingRules()
        var delays: DelayRules
        /// The numbers of the messages that are stored.
        var stored: [MessageID: Int] = [:]
        /// The ids of the messages that somebody has replaced by others under the same ids, by number.
        var replaced: [Int: MessageID] = [:]
        /// The ids whose publishing was acknowledged.
        var acknowledged: Set<MessageID> = []
        /// Deleted or purged on purpose, or lost by a server that restarted.
        var removed: Set<MessageID> = []
        /// Acknowledged to its publisher, and then lost by a server that restarted: counted beside what is lost.
        var forgotten: Set<MessageID> = []
        /// How many wait for what becomes of a settlement.
        var waiters = 0
        var violations: [String] = []

        /// Whether a message is or was stored under that id.
        func wasStored(_ number: Int, as id: MessageID) -> Bool { stored[id] == number || replaced[number] == id }

        /// Somebody has made the stream and its groups again: these messages are all that is in it.
        mutating func remade(with new: [MessageID: Int], _ groups: [GroupName]) {
            removed.formUnion(stored.keys)
            removed.subtract(new.keys)
            for (id, number) in new {
                if let former = stored.updateValue(number, forKey: id) { replaced[former] = id }
            }
            leases.remade(Set(new.keys))
            holding.remade(Set(new.keys))
            for group in groups { handling.destroyed(group) }
            delays.blur()
        }

        mutating func gather(now: Instant) -> [String] {
            let found = violations + leases.takeViolations() + handling.takeViolations(now: now)
            violations = []
            return found + holding.takeViolations() + delays.takeViolations()
        }
    }

    /// What broke a rule first, with what happened before.
    struct Failure: Sendable {
        let violations: [String]
        let before: [String]
    }

    private struct State {
        var rules: Rules
        /// The last lines, and which of them is the oldest.
        var recent: [String] = []
        var oldest = 0
        var count = 0
        var hash = LineHash()
        var all: [String]?
        var failure: Failure?

        var lastLines: [String] { Array(recent[oldest...] + recent[..<oldest]) }

        mutating func write(_ line: String) {
            count += 1
            hash.add(line)
            all?.append(line)
            if recent.count < Chronicle.memory {
                recent.append(line)
            } else {
                recent[oldest] = line
                oldest = (oldest + 1) % Chronicle.memory
            }
        }
    }

    /// How many lines a failure shows.
    private static let memory = 50

    private let clock: ManualClock
    private let origin: Instant
    private let state: Mutex<State>

    /// Begins a chronicle; it keeps its last lines, or all of them.
    init(clock: ManualClock, policy: RetryPolicy, keepsAll: Bool) {
        self.clock = clock
        origin = clock.now
        let rules = Rules(handling: HandlingRules(attempts: policy.attempts), delays: DelayRules(policy: policy))
        state = Mutex(State(rules: rules, all: keepsAll ? [] : nil))
    }

    /// Every line, if it keeps them.
    var lines: [String] { state.withLock { $0.all ?? [] } }
    var failure: Failure? { state.withLock { $0.failure } }
    var rules: Rules { state.withLock { $0.rules } }
    /// How many lines there are, and the hash of them all.
    var trace: (count: Int, hash: UInt64) { state.withLock { ($0.count, $0.hash.value) } }

    /// Looks at the rules without keeping a copy of them.
    func read<Answer: Sendable>(_ body: (borrowing Rules) -> Answer) -> Answer {
        state.withLock { body($0.rules) }
    }

    /// Takes note of a fact, and of what it means for the rules.
    @discardableResult
    func note<Answer: Sendable>(_ line: String, _ body: (inout Rules, Instant) -> Answer) -> Answer {
        let now = clock.now
        let milliseconds = (now - origin).nanosecondsSaturating / 1_000_000
        return state.withLock { state in
            let overdue = state.rules.gather(now: now)
            state.write("\(milliseconds) \(line)")
            let answer = body(&state.rules, now)
            let found = overdue + state.rules.gather(now: now)
            if !found.isEmpty, state.failure == nil {
                state.failure = Failure(violations: found, before: state.lastLines)
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

/// A hash of lines that is the same in every process: FNV-1a.
struct LineHash: Sendable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ line: String) {
        for byte in line.utf8 { add(byte) }
        add(10)
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
    }
}
