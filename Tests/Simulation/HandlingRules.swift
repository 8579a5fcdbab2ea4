// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What handlers are given, held against what the engine promises: a pure value.
///
/// An execution is exclusive until it has decided by a verb, has ended, was told to have lost its lease, or lost its
/// lane. What is told at one instant may be told in any order.
struct HandlingRules: Sendable {
    /// One message in one handler.
    struct Execution: Sendable {
        /// Which handler of which process.
        let station: Station
        let key: LeaseRules.Key
        /// The number of the message: an id may name another one later.
        let number: Int
        /// The call of the handler: all messages of a batch share it.
        let call: Int
        /// What it is kept in order with, if anything.
        let order: String?
        let attempt: Int
        /// What its consumer allows itself.
        let limits: Limits
        /// When it began.
        var began = Instant.distantPast
        /// When the engine told that its lease was lost, and it had not decided.
        var lost: Instant?
        /// Whether the process or the server's time stood still meanwhile.
        var isStalled = false
        var isExclusive = true
        var isDecided = false
        var isAbandoned = false
    }

    /// How many calls of a handler there may be at once, and how long each may take.
    struct Limits: Sendable {
        let concurrency: Int
        let timeout: Duration?
        let isBatch: Bool
    }

    /// A handler that was added once; it has one consumer.
    struct Station: Hashable, Sendable {
        let process: Int
        let number: Int
    }

    /// What looks like a violation until everything has been told that happened at that instant: what the engine sees
    /// beside the line is told a moment later.
    private struct Suspicion: Sendable {
        let at: Instant
        let complaint: String
        /// Which runs must not go on side by side, and how many calls of them may.
        let runs: Set<Int>
        var limit = 0
        /// Whether it is about executions that hold their lease, or about those that hold their lane.
        var isOfLeases = false
    }

    private struct Place: Hashable {
        let station: Station
        let order: String
    }

    /// How often a message may be run.
    let attempts: Int
    private var running: [Int: Execution] = [:]
    private var suspicions: [Suspicion] = []
    private var executed: [LeaseRules.Key: [Int: Int]] = [:]
    private var lastFirst: [Place: MessageID] = [:]
    /// Of whom a handler has said that it is done, with the greatest number of a message of that id.
    private var finished: [FinishedKey: Int] = [:]
    /// The attempt under which a process was last given a message.
    private var given: [FinishedKey: Int] = [:]
    /// The number under which an id came last as new to a consumer.
    private var known: [ConsumerName: [LeaseRules.Key: Int]] = [:]
    private var dead: Set<Int> = []
    /// Told to drain: nothing begins there any more.
    private var drained: Set<Int> = []
    /// Up to which attempt a process may be the last to hear that it has lost a message: it was frozen while the answer
    /// was under way, or the server's clock was stepped.
    private var stale: [FinishedKey: Int] = [:]
    /// After a group was destroyed its messages come again while older leases of them run.
    private var blurred: Set<GroupName> = []
    private var isBlurred = false
    private var lastRun = 0
    private var violations: [String] = []

    private struct FinishedKey: Hashable {
        let process: Int
        let key: LeaseRules.Key
    }

    init(attempts: Int) {
        self.attempts = attempts
    }

    /// How many executions have not ended.
    var count: Int { running.count }

    mutating func takeViolations(now: Instant) -> [String] {
        defer { violations = [] }
        guard !suspicions.isEmpty else { return violations }
        let due = suspicions.filter { $0.at < now }
        suspicions.removeAll { $0.at < now }
        return violations + due.filter(isConfirmed).map(\.complaint)
    }

    private func isConfirmed(_ suspicion: Suspicion) -> Bool {
        let open = suspicion.runs.compactMap { running[$0] }.filter { run in
            suspicion.isOfLeases ? run.isExclusive : !run.isAbandoned
        }
        return Set(open.map(\.call)).count > suspicion.limit
    }

    /// A handler begins; returns the number of the run. `leases` are what the backend gave of the message until now.
    mutating func begin(_ execution: Execution, entry: LeaseRules.Entry?, leases: [Int: Int], now: Instant) -> Int {
        lastRun += 1
        var execution = execution
        let staleness = stale[FinishedKey(process: execution.station.process, key: execution.key)] ?? 0
        if staleness >= execution.attempt { execution.isExclusive = false }
        execution.began = now
        checkBeginning(execution)
        checkConcurrency(execution, now)
        if !isBlurred, !blurred.contains(execution.key.group) {
            checkOverlap(execution, now)
            checkOrder(execution, entry, now)
        }
        executed[execution.key, default: [:]][execution.attempt, default: 0] += 1
        let count = executed[execution.key]?[execution.attempt] ?? 0
        if count > leases[execution.attempt] ?? 0 {
            violations.append("attempt \(execution.attempt) of \(execution.key.id) ran \(count) times")
        }
        running[lastRun] = execution
        return lastRun
    }

    private mutating func checkBeginning(_ execution: Execution) {
        if execution.attempt > attempts {
            violations.append("\(execution.key.id) was run for the \(execution.attempt). time, \(attempts) are allowed")
        }
        if drained.contains(execution.station.process) {
            violations.append("\(execution.key.id) was begun after the drain had")
        }
    }

    /// The messages of a batch begin one after the other, so that those of one call count once.
    private mutating func checkConcurrency(_ execution: Execution, _ now: Instant) {
        let others = open(at: execution.station)
        let calls = Set(others.map(\.value.call)).union([execution.call]).count
        let limit = execution.limits.concurrency
        guard calls > limit else { return }
        let complaint = "\(calls) calls of a handler ran at once, \(limit) are allowed"
        let runs = Set(others.map(\.key)).union([lastRun])
        suspicions.append(Suspicion(at: now, complaint: complaint, runs: runs, limit: limit))
    }

    private func open(at station: Station) -> [Int: Execution] {
        running.filter { $0.value.station == station && !$0.value.isAbandoned }
    }

    private mutating func checkOverlap(_ execution: Execution, _ now: Instant) {
        for run in running.keys.sorted() {
            guard let other = running[run], other.key == execution.key, !dead.contains(other.station.process) else {
                continue
            }
            if other.station == execution.station, !other.isAbandoned {
                let complaint = "one consumer handled \(execution.key.id) twice at once"
                suspicions.append(Suspicion(at: now, complaint: complaint, runs: [run]))
            } else if other.isExclusive, execution.isExclusive {
                let complaint = "two executions of \(execution.key.id) overlapped"
                suspicions.append(Suspicion(at: now, complaint: complaint, runs: [run], isOfLeases: true))
            }
        }
    }

    private mutating func checkOrder(_ execution: Execution, _ entry: LeaseRules.Entry?, _ now: Instant) {
        guard let order = execution.order else { return }
        let others = open(at: execution.station).filter { $0.value.order == order && $0.value.call != execution.call }
        if !others.isEmpty {
            let complaint = "two messages of order \(order) were handled side by side"
            suspicions.append(Suspicion(at: now, complaint: complaint, runs: Set(others.map(\.key))))
        }
        guard entry?.receipt.token == 1 else { return }
        let place = Place(station: execution.station, order: order)
        if let last = lastFirst.updateValue(execution.key.id, forKey: place), last > execution.key.id {
            violations.append("\(execution.key.id) of order \(order) came after \(last)")
        }
    }

    /// A handler has decided by a verb.
    mutating func decided(_ run: Int, isSuccess: Bool) {
        guard let execution = running[run] else { return }
        if execution.isDecided {
            violations.append("a verb was taken for \(execution.key.id) although it was decided")
        }
        running[run]?.isDecided = true
        running[run]?.isExclusive = false
        if isSuccess { finish(execution) }
    }

    /// A handler is about to end; one that heeds its cancellation does so at its deadline.
    mutating func end(_ run: Int, isSuccess: Bool, heedsCancellation: Bool, now: Instant) {
        guard let execution = running.removeValue(forKey: run) else { return }
        if heedsCancellation, !execution.isStalled, let timeout = execution.limits.timeout,
            now > execution.began + timeout
        {
            violations.append("\(execution.key.id) ran for \(now - execution.began), its timeout is \(timeout)")
        }
        // A batch goes on for its neighbours' sake.
        if heedsCancellation, !execution.isStalled, !execution.limits.isBatch, let lost = execution.lost, now > lost {
            violations.append("\(execution.key.id) ran for \(now - lost) after its lease was lost")
        }
        if isSuccess { finish(execution) }
    }

    private mutating func finish(_ execution: Execution) {
        let key = FinishedKey(process: execution.station.process, key: execution.key)
        finished[key] = max(finished[key] ?? execution.number, execution.number)
    }

    /// A message came as new to a consumer. Whatever had its id before has no say any more there.
    mutating func came(_ number: Int, as key: LeaseRules.Key, to consumer: ConsumerName) {
        known[consumer, default: [:]][key] = number
    }

    /// An acknowledgement leaves a consumer.
    mutating func acknowledged(_ key: LeaseRules.Key, by consumer: ConsumerName, of process: Int) {
        guard let number = finished[FinishedKey(process: process, key: key)] else {
            return violations.append("\(key.id) was acknowledged before a handler had said so")
        }
        if let last = known[consumer]?[key], number < last {
            violations.append("\(key.id) was acknowledged for \(number), and is \(last) since it came as new")
        }
    }

    /// The engine has told that a lease is lost, or that a lane was put aside.
    ///
    /// Losses are told a moment later than they happen: that of an attempt before the one that the process has by now is
    /// no news.
    mutating func parted(_ key: LeaseRules.Key, _ attempt: Int, in process: Int, isAbandoned: Bool, now: Instant) {
        if !isAbandoned, attempt < given[FinishedKey(process: process, key: key)] ?? 0 { return }
        for (run, other) in running where other.key == key && other.station.process == process {
            running[run]?.isExclusive = false
            if isAbandoned { running[run]?.isAbandoned = true }
            if !isAbandoned, !other.isDecided, !isBlurred, !blurred.contains(key.group) { running[run]?.lost = now }
        }
    }

    /// A process was given a message: what it had lost of it, it may have again.
    mutating func regained(_ key: LeaseRules.Key, _ attempt: Int, in process: Int) {
        given[FinishedKey(process: process, key: key)] = attempt
        for (run, other) in running where other.key == key && other.station.process == process {
            running[run]?.lost = nil
        }
    }

    mutating func died(_ process: Int) {
        dead.insert(process)
        for (run, other) in running where other.station.process == process { running[run] = nil }
    }

    /// How many calls of a process's handler run in a group.
    func calls(in process: Int, _ group: GroupName) -> Int {
        let calls = running.values.filter { $0.station.process == process && $0.key.group == group && !$0.isAbandoned }
        return Set(calls.map(\.call)).count
    }

    /// What is kept in order with something that runs in a group.
    func orders(in group: GroupName) -> Set<String> {
        Set(running.values.filter { $0.key.group == group }.compactMap(\.order))
    }

    /// Whether a message has ever begun.
    func hasBegun(_ key: LeaseRules.Key) -> Bool { executed[key] != nil }

    /// Whether an execution goes on and has not decided.
    func isOpen(_ run: Int) -> Bool { running[run].map { !$0.isDecided } ?? false }

    func isDead(_ process: Int) -> Bool { dead.contains(process) }

    mutating func destroyed(_ group: GroupName) { blurred.insert(group) }

    /// The server has lost leases: what they kept apart comes together from now on.
    mutating func blur() { isBlurred = true }

    mutating func drained(_ process: Int) { drained.insert(process) }

    /// `run()` of a process has returned.
    mutating func ended(_ process: Int) {
        for run in running.keys.sorted() {
            guard let other = running[run], other.station.process == process else { continue }
            violations.append("\(process) has ended, and \(other.key.id) still runs there")
        }
    }

    /// Time has passed on the server, and not in that process: of these attempts it may not know that their leases have
    /// ended.
    mutating func stalled(_ process: Int, _ attempts: [LeaseRules.Key: Int]) {
        for (run, other) in running where other.station.process == process {
            running[run]?.isExclusive = false
            running[run]?.isStalled = true
        }
        for (key, attempt) in attempts { stale[FinishedKey(process: process, key: key)] = attempt }
    }
}
