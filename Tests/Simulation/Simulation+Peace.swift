// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit

/// The peace: every fault ends, and everything must come to its end within a bound.
extension Simulation {
    /// Longer than the longest delay, two visibility timeouts, the pause after a refusal, the longest step back of the
    /// server's clock and the longest drain together.
    private static let bound = Duration.seconds(900)

    func makePeace() async throws {
        chronicle.note("peace")
        world.heal()
        world.server.behave(.good, seed: 0)
        for process in all { process.calm() }
        let veteran = current(0).process
        let staysOn = situation.endsWithVeteran
        if staysOn { veteran.addHandlers() }
        for process in all where !process.isDead && !(staysOn && process === veteran) { process.drain() }
        let healthy = staysOn ? veteran : try fresh()
        await settleDown()
        await calmDown(healthy)
        healthy.drain()
        await end(healthy, mustBeClean: !staysOn)
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
        takeCensus()
    }

    /// First handlers fail, and their messages come again when they are due. Then the calm: each message is leased once,
    /// also while its handler takes longer than a visibility timeout.
    private func calmDown(_ process: SimulatedProcess) async {
        // A read that was doomed long ago takes these.
        process.publish(world.nextMessages(1))
        await settleDown()
        await world.time.pass(.seconds(70))
        chronicle.note("quiet") { rules, _ in
            rules.leases.isQuiet = true
            rules.delays.isQuiet = true
        }
        world.ask(failingCalls: 4)
        process.publish(world.nextMessages(3))
        await settleDown()
        world.ask(failingCalls: 0)
        chronicle.note("calm") { rules, _ in rules.leases.isCalm = true }
        if !process.hasTimeout { world.ask(longCalls: 2) }
        process.publish(world.nextMessages(8))
        await settleDown()
        let complaints = await process.complaints
        if !complaints.isEmpty { chronicle.blame("all is well, and a process says: \(complaints)") }
    }

    private func end(_ healthy: SimulatedProcess, mustBeClean: Bool) async {
        let all = all
        let haveEnded = await world.wait(Self.bound, every: .seconds(1)) { all.allSatisfy(\.hasEnded) }
        if !haveEnded { chronicle.blame("run() of \(all.filter { !$0.hasEnded }.map(\.number)) never returned") }
        if healthy.isUnclean, mustBeClean { chronicle.blame("the drain of a healthy process was not clean") }
        let isIdle = await world.wait(Self.bound, every: .seconds(1)) { self.world.errands.open == 0 }
        if !isIdle { chronicle.blame("\(world.errands.open) tasks wait for ever") }
        // Tasks that not even cancellation ends would end the program before anybody could say why.
        if !haveEnded || !isIdle, let report = SimulationResult(of: self).report { print(report) }
    }

    /// What groups still have to do.
    private func leftovers() async -> [String] {
        let statistics = try? await world.memory.statistics(of: .stream("orders"))
        let known = statistics?.flatMap(\.groups) ?? []
        guard chronicle.read({ !$0.stored.isEmpty }) || statistics?.isEmpty == false else { return [] }
        return situation.groups.compactMap { name in
            guard let group = known.first(where: { $0.name == name }) else { return "\(name) does not exist" }
            guard group.pending != 0 || group.parked != 0 || group.lag != 0 else { return nil }
            return "\(name): \(group.pending ?? -1) pending, \(group.parked ?? -1) parked, \(group.lag ?? -1) lag"
        }
    }
}

/// The account.
extension Simulation {
    /// What the server has pending and parked is what the facts add up to.
    func takeCensus() {
        guard
            let statistics = try? world.memory.backup().statistics(
                of: .stream("orders"), at: world.server.clock.timestamp)
        else { return }
        for group in statistics.flatMap(\.groups) {
            let census = chronicle.read { $0.leases.census(of: group.name) }
            guard group.pending != census.held + census.parked || group.parked != census.parked else { continue }
            chronicle.blame(
                "\(group.name) has \(group.pending ?? -1) pending and \(group.parked ?? -1) parked, but "
                    + "\(census.held) were leased and \(census.parked) parked")
        }
    }

    /// Everything stored ended in every group, or is gone on purpose.
    private func account() async throws {
        let rules = chronicle.rules
        for id in rules.stored.keys.sorted() where !rules.removed.contains(id) {
            for group in situation.groups {
                let key = LeaseRules.Key(group: group, id: id)
                if rules.leases.accounted.contains(key) || rules.leases.stolen.contains(key) { continue }
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
