// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Drives a table with random operations and compares what it says with what it holds.
@Suite struct LeaseTableRandomTests {
    @Test(arguments: 1...20)
    func everyMessageEndsOnceAndNoSlotIsUsedTwice(_ seed: UInt64) throws {
        var drive = LeaseTableDrive(seed: seed)
        for _ in 0..<500 {
            drive.step()
            try drive.check()
        }
        drive.end()
        try drive.check()
        #expect(drive.table.held == 0)
        #expect(drive.table.suspects == 0)
        #expect(drive.admitted == drive.ended.count)
    }
}

/// A table with everybody who uses it, in one thread and drawn from a seed.
private struct LeaseTableDrive {
    var table = LeaseTable(timeout: .seconds(20))
    var now = Instant.start
    var buffered: [Held] = []
    var running: [(held: Held, runner: RunnerID)] = []
    var decisions: [Decision] = []
    var inPlace: [Slot: Held] = [:]
    var tokens: [UInt64: UInt64] = [:]
    var known: Set<Slot> = []
    var ended: Set<Slot> = []
    var problem: String?
    private var lastID: UInt64 = 0
    private var lastRunner: UInt32 = 0
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    var admitted: Int { known.count }

    mutating func step() {
        switch Int.random(in: 0..<12, using: &generator) {
        case 0, 1: admitNew()
        case 2: admitAgain()
        case 3, 4: begin()
        case 5: useVerb()
        case 6, 7: endOne()
        case 8, 9: settle()
        case 10: tick()
        default: useStaleSlot()
        }
    }

    /// What must hold at any time.
    mutating func check() throws {
        let live = Set(
            table.leases.indices.filter { table.inUse[$0] }.map { position in
                Slot(index: Int32(position), generation: table.leases[position].generation)
            })
        let suspects = table.leases.indices.count { table.inUse[$0] && table.leases[$0].isSuspect }
        try #require(table.held == live.count)
        try #require(table.suspects == suspects)
        try #require(live.isDisjoint(with: ended), "a use of a slot that is over came back")
        ended.formUnion(known.subtracting(live))
        known.formUnion(live)
        try #require(problem == nil)
    }

    /// Lets everything come to its end.
    mutating func end() {
        for _ in 0..<10_000 where table.held > 0 {
            while !buffered.isEmpty { begin() }
            while !running.isEmpty { endOne() }
            decisions += table.withdrawAll(now: now).map { Decision(handingBack: $0) }
            while !decisions.isEmpty { apply(.done) }
            tick()
        }
    }
}

extension LeaseTableDrive {
    private mutating func admitNew() {
        let messages = (0..<Int.random(in: 1...4, using: &generator)).map { _ -> InboundMessage in
            lastID += 1
            tokens[lastID] = 1
            return .scripted(lastID)
        }
        buffered += table.admit(messages, now: now)
    }

    private mutating func admitAgain() {
        guard lastID > 0 else { return }
        let id = UInt64.random(in: max(1, lastID - min(lastID, 40))...lastID, using: &generator)
        guard let token = tokens[id] else { return }
        tokens[id] = token + 1
        let origin: InboundMessage.Origin = Bool.random(using: &generator) ? .expired : .retry
        let message = InboundMessage.scripted(id, attempt: Int(token) + 1, token: token + 1, origin: origin)
        buffered += table.admit([message], now: now)
    }

    private mutating func begin() {
        guard !buffered.isEmpty else { return }
        let held = buffered.remove(at: Int.random(in: buffered.indices, using: &generator))
        lastRunner += 1
        let runner = RunnerID(lane: Int32(lastRunner % 16), incarnation: lastRunner)
        if table.begin(held.slot, on: runner, now: now) != nil {
            running.append((held, runner))
        } else {
            _ = table.refuse(held.slot)
        }
    }

    private mutating func useVerb() {
        guard let (held, _) = running.randomElement(using: &generator) else { return }
        let isSuccess = Bool.random(using: &generator)
        guard let lease = try? table.decide(held.slot, isSuccess: isSuccess) else { return }
        let inPlace = !isSuccess && Bool.random(using: &generator)
        if inPlace { table.waitInLane(held.slot, until: now + .seconds(1)) }
        let verdict =
            isSuccess
            ? Verdict(.ack) : inPlace ? Verdict(.renew, resumeAfter: .seconds(1)) : Verdict(.retry(after: .zero))
        decisions.append(Decision(slot: held.slot, receipt: lease.receipt, verdict: verdict, attempt: lease.attempt))
    }

    private mutating func endOne() {
        guard !running.isEmpty else { return }
        let (held, runner) = running.remove(at: Int.random(in: running.indices, using: &generator))
        let succeeded = Bool.random(using: &generator)
        guard let ended = table.end(held.slot, by: runner, succeeded: succeeded, now: now) else { return }
        if let successor = ended.successor { buffered.append(successor) }
        if ended.staysInLane { inPlace[held.slot] = held }
        guard ended.mustDecide else { return }
        let verdict = succeeded ? Verdict(.ack) : Verdict(.renew, resumeAfter: .seconds(1))
        if verdict.resumeAfter != nil { inPlace[held.slot] = held }
        decisions.append(
            Decision(slot: held.slot, receipt: ended.receipt, verdict: verdict, attempt: ended.attempt))
    }

    private mutating func settle() {
        let outcomes: [SettlementOutcome] = [
            .done, .done, .settled, .lost, .missing, .refused(BrokerError(.server, "no")),
        ]
        apply(outcomes.randomElement(using: &generator) ?? .done)
    }

    private mutating func apply(_ outcome: SettlementOutcome) {
        guard !decisions.isEmpty else { return }
        let decision = decisions.removeFirst()
        let receipt = table.currentReceipt(of: decision)
        var outcome = outcome
        if case .renew = decision.action, case .done = outcome {
            tokens[receipt.id.milliseconds] = max(tokens[receipt.id.milliseconds] ?? 0, receipt.token + 1)
            outcome = .renewed(receipt.renewed)
        }
        let applied = table.apply(outcome, of: decision, at: now)
        decisions += applied.again + applied.handBack + applied.refused.map(\.decision)
        for slot in applied.dropped { resume(slot) }
    }

    private mutating func resume(_ slot: Slot) {
        if let held = inPlace.removeValue(forKey: slot) { buffered.append(held) }
    }

    private mutating func tick() {
        now = now + .seconds(Int.random(in: 1...8, using: &generator))
        let work = table.tick(now: now)
        for slot in work.resume { resume(slot) }
        buffered += work.successors
        for written in work.writtenOff where written.mustDecide {
            decisions.append(
                Decision(
                    slot: written.slot, receipt: written.lease.receipt, verdict: Verdict(.retry(after: .zero)),
                    attempt: written.lease.attempt))
        }
        let outcomes = work.extend.map { _ in
            [SettlementOutcome.done, .done, .done, .lost, .missing, .settled].randomElement(using: &generator) ?? .done
        }
        _ = table.extended(work.extend, outcomes, asked: now)
        restore()
    }

    private mutating func restore() {
        let doubted = table.takeDoubts(now: now)
        let outcomes = doubted.map { _, receipt -> SettlementOutcome in
            var renewed = receipt
            renewed.token += 1
            let outcomes: [SettlementOutcome] = [.done, .renewed(renewed), .settled, .lost, .missing]
            let outcome = outcomes.randomElement(using: &generator) ?? .done
            if case .renewed = outcome {
                tokens[receipt.id.milliseconds] = max(tokens[receipt.id.milliseconds] ?? 0, renewed.token)
            }
            return outcome
        }
        _ = table.restored(doubted, outcomes, asked: now)
    }

    private mutating func useStaleSlot() {
        guard
            let slot = ended.sorted(by: { ($0.index, $0.generation) < ($1.index, $1.generation) })
                .randomElement(using: &generator)
        else { return }
        let held = table.held
        let hasActed =
            table.begin(slot, on: .first, now: now) != nil || (try? table.decide(slot, isSuccess: true)) != nil
            || table.withdraw(slot, now: now) != nil
            || table.end(slot, by: .first, succeeded: true, now: now) != nil
        if hasActed || table.held != held { problem = "the stale slot \(slot) acted" }
    }
}
