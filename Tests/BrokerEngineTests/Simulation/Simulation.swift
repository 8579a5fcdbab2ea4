// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit
import Synchronization

/// One seed, played from the first message to the last: disorder, then peace, then the account.
final class Simulation: Sendable {
    let seed: UInt64
    private let world: SimulatedWorld
    /// Every process that ever was, and for each place which one is there now.
    private let processes = Mutex<(all: [SimulatedProcess], current: [Int])>(([], []))

    init(seed: UInt64) {
        self.seed = seed
        world = SimulatedWorld(seed: seed)
    }

    var chronicle: Chronicle { world.chronicle }
    /// What went wrong first, with the seed and the events before it; `nil` when nothing did.
    var report: String? {
        chronicle.failure.map { "seed \(seed): \($0.violations)\n\($0.before.joined(separator: "\n"))" }
    }
    private var all: [SimulatedProcess] { processes.withLock { $0.all } }
    private var situation: Situation { world.situation }

    func run() async {
        do {
            try await world.time.run(limit: .seconds(86_400)) {
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { await self.world.errands.run() }
                    defer { self.world.errands.finish() }
                    try await self.play()
                }
            }
        } catch {
            chronicle.blame("\(error)")
        }
        if world.time.clock.pendingWakes > 0 { chronicle.blame("\(world.time.clock.pendingWakes) wakes are left") }
    }

    private func play() async throws {
        for place in situation.members.indices { try start(at: place) }
        for step in situation.steps { try await carryOut(step) }
        try await makePeace()
    }

    private func start(at place: Int) throws {
        let process = try SimulatedProcess(all.count, situation.members[place], in: world)
        processes.withLock { processes in
            processes.all.append(process)
            if place < processes.current.count {
                processes.current[place] = process.number
            } else {
                processes.current.append(process.number)
            }
        }
        chronicle.note("\(process.number) starts")
        process.start()
    }

    private func current(_ number: Int) -> (place: Int, process: SimulatedProcess) {
        processes.withLock { processes in
            let place = number % processes.current.count
            return (place, processes.all[processes.current[place]])
        }
    }
}

/// The disorder.
extension Simulation {
    private func carryOut(_ step: Situation.Step) async throws {
        chronicle.note("step \(step)")
        switch step {
        case .publish(let process, let count): current(process).process.publish(world.nextMessages(count))
        case .pass(let duration): await world.time.pass(duration)
        case .kill(let process): try replace(process) { $0.kill() }
        case .drain(let process): try replace(process) { $0.drain() }
        case .removeHandler(let process, let group):
            current(process).process.removeHandler(situation.groups[group % situation.groups.count])
        case .addHandlers(let process): current(process).process.addHandlers()
        case .shiftWallClock(let duration): world.time.clock.shiftWallClock(by: duration)
        case .misbehave(let process, let rates):
            let rates = Dictionary(uniqueKeysWithValues: rates.map { ($0.fault, $0.rate) })
            current(process).process.faults.misbehave(rates: rates, seed: world.dice.bits())
        case .cut(let process): current(process).process.faults.cut()
        case .restore(let process): current(process).process.faults.restore()
        case .release(let process): current(process).process.faults.release()
        case .destroyGroup, .delete, .purge: try await damage(step)
        }
    }

    private func replace(_ number: Int, _ end: (SimulatedProcess) -> Void) throws {
        let (place, process) = current(number)
        end(process)
        try start(at: place)
    }

    /// What happens to the backend behind everybody's back.
    private func damage(_ step: Situation.Step) async throws {
        switch step {
        case .destroyGroup(let number):
            let group = situation.groups[number % situation.groups.count]
            chronicle.note("\(group) is destroyed") { rules, _ in
                rules.leases.destroyed(group)
                rules.handling.destroyed(group)
            }
            try world.memory.destroyGroup(group, of: "orders")
        case .delete(let choice):
            let ids = chronicle.rules.stored.keys.sorted()
            guard !ids.isEmpty else { return }
            let id = ids[Int(choice % UInt64(ids.count))]
            if try world.memory.deleteEntry(id, of: "orders") { removed([id]) }
        case .purge:
            removed(try await world.memory.range(.zero ... .maximum, of: "orders", limit: .max).map(\.id))
            _ = try await world.memory.purge("orders")
        default: return
        }
    }

    private func removed(_ ids: [MessageID]) {
        chronicle.note("removed \(ids.count)") { rules, _ in rules.removed.formUnion(ids) }
    }
}

/// The peace.
extension Simulation {
    /// Longer than the longest delay, two visibility timeouts and the longest drain together.
    private static let bound = Duration.seconds(300)

    private func makePeace() async throws {
        chronicle.note("peace")
        world.heal()
        for process in all { process.calm() }
        let veteran = current(0).process
        let staysOn = situation.endsWithVeteran
        if staysOn { veteran.addHandlers() }
        for process in all where !process.isDead && !(staysOn && process === veteran) { process.drain() }
        let healthy = staysOn ? veteran : try fresh()
        await settleDown()
        healthy.drain()
        let all = all
        let haveEnded = await world.wait(Self.bound, every: .seconds(1)) { all.allSatisfy(\.hasEnded) }
        if !haveEnded { chronicle.blame("run() of \(all.filter { !$0.hasEnded }.map(\.number)) never returned") }
        if healthy.isUnclean, !staysOn { chronicle.blame("the drain of a healthy process was not clean") }
        let isIdle = await world.wait(Self.bound, every: .seconds(1)) { self.world.errands.open == 0 }
        if !isIdle { chronicle.blame("\(world.errands.open) tasks wait for ever") }
        // Tasks that not even cancellation ends would end the program before the test could say why.
        if !haveEnded || !isIdle, let report { print(report) }
        try await account()
    }

    private func fresh() throws -> SimulatedProcess {
        try start(at: 0)
        return current(0).process
    }

    private func settleDown() async {
        // What hung until now is carried out first.
        await world.time.pass(.milliseconds(1))
        let isClear = await world.wait(Self.bound, every: situation.unit) { await self.leftovers().isEmpty }
        if !isClear { chronicle.blame("never came to an end: \(await leftovers())") }
    }

    /// What groups still have to do.
    private func leftovers() async -> [String] {
        let statistics = try? await world.memory.statistics(of: .stream("orders"))
        let known = statistics?.flatMap(\.groups) ?? []
        guard !chronicle.rules.stored.isEmpty || statistics?.isEmpty == false else { return [] }
        return situation.groups.compactMap { name in
            guard let group = known.first(where: { $0.name == name }) else { return "\(name) does not exist" }
            guard group.pending != 0 || group.parked != 0 || group.lag != 0 else { return nil }
            return "\(name): \(group.pending ?? -1) pending, \(group.parked ?? -1) parked, \(group.lag ?? -1) lag"
        }
    }

    /// Everything stored ended in every group, or is gone on purpose.
    private func account() async throws {
        let rules = chronicle.rules
        for id in rules.stored.keys.sorted() where !rules.removed.contains(id) {
            for group in situation.groups where !rules.leases.accounted.contains(.init(group: group, id: id)) {
                chronicle.blame("\(id) never ended in \(group)")
            }
        }
        if rules.waiters > 0 { chronicle.blame("\(rules.waiters) wait for settlements that are never told") }
        if rules.handling.count > 0 { chronicle.blame("\(rules.handling.count) executions never ended") }
        let letters = try await world.memory.latest(.max, of: StreamName("orders").deadLetters).count
        if letters != rules.leases.deadLetters {
            chronicle.blame("\(letters) dead letters are stored, \(rules.leases.deadLetters) were made")
        }
    }
}
