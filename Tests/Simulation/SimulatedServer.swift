// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit
import Synchronization

/// The common server as its clients meet it: down, up again with less than it had, in a bad mood, on a time of its own.
final class SimulatedServer: Sendable {
    /// What a server that restarts has lost. Closed by design.
    enum Loss: Sendable, CaseIterable {
        case nothing
        case tail
        case everything
    }

    /// What a call has to observe: in which life of the server it began, and what strikes when it has taken effect.
    struct Passage: Sendable {
        fileprivate let life: Int
        fileprivate let late: ServerFault?
    }

    private struct Backup: Sendable {
        let log: MemoryLog
        let leases: LeaseRules
    }

    private struct State {
        var isDown = false
        var life = 0
        var mood = ServerMood.good
        var generator = SeededGenerator(seed: 0)
        var backups: [Backup] = []
        var counts: [String: Int] = [:]

        mutating func draw(_ rate: Double) -> Bool {
            rate >= 1 || Double.random(in: 0..<1, using: &generator) < rate
        }
    }

    let memory: MemoryProvider
    let clock: SteppedClock
    private let chronicle: Chronicle
    private let state = Mutex(State())

    init(clock: any BrokerClock, chronicle: Chronicle) {
        let clock = SteppedClock(clock)
        self.clock = clock
        self.chronicle = chronicle
        memory = MemoryProvider(clock: clock)
    }

    /// How many of its errors were answered, by name.
    var counts: [String: Int] { state.withLock { $0.counts } }

    func behave(_ mood: ServerMood, seed: UInt64) {
        state.withLock { state in
            state.mood = mood
            state.generator = SeededGenerator(seed: seed)
        }
    }

    /// Lets a call in, or fails it before it has any effect.
    func enter() throws(BrokerError) -> Passage {
        let (isDown, life, fault) = state.withLock { state -> (Bool, Int, ServerFault?) in
            guard !state.isDown else { return (true, 0, nil) }
            let struck = state.mood.rates.first { state.draw($0.rate) }.map { ServerFault.all[$0.fault] }
            if let struck { state.counts[struck.name, default: 0] += 1 }
            return (false, state.life, struck)
        }
        if isDown { throw BrokerError(.connection, "the server is down", isRetryable: true) }
        if let fault, !fault.applies { throw fault.error }
        return Passage(life: life, late: fault)
    }

    /// Lets a reply out, unless the server has ended meanwhile, or something is amiss with the reply.
    func leave(_ passage: Passage) throws(BrokerError) {
        if let fault = passage.late { throw fault.error }
        let isSame = state.withLock { !$0.isDown && $0.life == passage.life }
        if !isSame { throw BrokerError(.connection, "the server has ended", isRetryable: true, effect: .unknown) }
    }

    /// Whether a settlement that stores something is refused alone.
    func refuses() -> Bool {
        state.withLock { state in
            guard state.mood.refusals > 0, state.draw(state.mood.refusals) else { return false }
            state.counts["refused settlement", default: 0] += 1
            return true
        }
    }
}

/// The ends of its lives.
extension SimulatedServer {
    /// Remembers what there is now, as the last that a file may have after a crash.
    func takeBackup() throws {
        let log = try memory.backup()
        let leases = chronicle.read { $0.leases }
        state.withLock { state in
            state.backups = state.backups.suffix(3) + [Backup(log: log, leases: leases)]
        }
    }

    func goDown() {
        state.withLock { $0.isDown = true }
        chronicle.note("the server is down")
    }

    /// Is up again, with what is left; a tail is what came since one of the last backups.
    func comeUp(losing loss: Loss, depth: Int) throws {
        let backup = state.withLock { state -> Backup? in
            guard loss == .tail else { return nil }
            return state.backups.dropLast(depth).last ?? state.backups.first
        }
        switch loss {
        case .nothing: break
        case .tail: if let backup { try lose(since: backup) }
        case .everything: try lose(since: Backup(log: MemoryLog(), leases: LeaseRules()))
        }
        state.withLock { state in
            state.isDown = false
            state.life += 1
        }
        chronicle.note("the server is up, having lost \(loss)")
    }

    private func lose(since backup: Backup) throws {
        try memory.restart(from: backup.log)
        let left = try Set(memory.backup().range(.zero ... .maximum, of: "orders", limit: .max).map(\.id))
        chronicle.note("restored") { rules, _ in
            rules.leases.restore(backup.leases)
            rules.handling.blur()
            rules.holding.blur()
            rules.delays.blur()
            let lost = rules.stored.keys.filter { !left.contains($0) && !rules.removed.contains($0) }
            rules.forgotten.formUnion(rules.acknowledged.intersection(lost))
            rules.removed.formUnion(lost)
        }
        // What was forgotten in one life of the server is not to be remembered in the next.
        dropBackups()
    }

    /// Makes sure that it does not go back to what it had before now.
    func dropBackups() {
        state.withLock { $0.backups = [] }
    }
}
