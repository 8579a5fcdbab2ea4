// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit

/// The disorder.
extension Simulation {
    func carryOut(_ step: Situation.Step) async throws {
        chronicle.note("step \(step)")
        if let name = step.name { world.count(name) }
        switch step {
        case .publish(let process, let count, let patience):
            current(process).process.publish(world.nextMessages(count), cancelledAfter: patience)
        case .request(let process, let timeout, let patience):
            current(process).process.request(world.nextMessages(1).lowerBound, timeout, cancelledAfter: patience)
        case .pass(let duration): await world.time.pass(duration)
        case .removeHandler(let process, let group):
            current(process).process.removeHandler(situation.groups[group % situation.groups.count])
        case .addHandlers(let process): current(process).process.addHandlers()
        case .kill, .drain, .freeze: try strike(step)
        case .misbehave, .cut, .restore, .release: disturb(step)
        case .destroyGroup, .deleteConsumer, .remake, .delete, .purge: try await damage(step)
        case .restart, .serverMood, .stepServerClock, .shiftWallClock: try await shake(step)
        }
    }

    /// What happens to a process.
    private func strike(_ step: Situation.Step) throws {
        switch step {
        case .kill(let process): try replace(process) { $0.kill() }
        case .drain(let process): try replace(process) { $0.drain() }
        case .freeze(let number, let duration):
            let process = current(number).process
            process.freeze()
            world.errands.add {
                await self.world.time.pass(duration)
                process.thaw()
            }
        default: return
        }
    }

    private func replace(_ number: Int, _ end: (SimulatedProcess) -> Void) throws {
        let (place, process) = current(number)
        end(process)
        try start(at: place)
    }

    /// What happens to a connection.
    private func disturb(_ step: Situation.Step) {
        switch step {
        case .misbehave(let process, let rates):
            let rates = Dictionary(uniqueKeysWithValues: rates.map { ($0.fault, $0.rate) })
            current(process).process.faults.misbehave(rates: rates, seed: world.dice.bits())
        case .cut(let process): current(process).process.faults.cut()
        case .restore(let process): current(process).process.faults.restore()
        case .release(let process): current(process).process.faults.release()
        default: return
        }
    }

    /// What happens to the server and to clocks.
    private func shake(_ step: Situation.Step) async throws {
        switch step {
        case .restart(let loss, let depth, let pause):
            world.server.goDown()
            await world.time.pass(pause)
            try world.server.comeUp(losing: loss, depth: depth)
        case .serverMood(let mood): world.server.behave(mood, seed: world.dice.bits())
        case .stepServerClock(let duration):
            for process in all where !process.isDead { process.lag() }
            chronicle.note("the server's clock is set") { rules, _ in rules.leases.isOutOfTime = true }
            world.server.clock.step(by: duration)
        case .shiftWallClock(let duration): world.time.clock.shiftWallClock(by: duration)
        default: return
        }
    }

    /// What happens to what is stored behind everybody's back.
    private func damage(_ step: Situation.Step) async throws {
        switch step {
        case .destroyGroup(let number):
            let group = situation.groups[number % situation.groups.count]
            chronicle.note("\(group) is destroyed") { rules, _ in
                rules.leases.destroyed(group)
                rules.handling.destroyed(group)
                rules.delays.blur()
            }
            try world.memory.destroyGroup(group, of: "orders")
        case .deleteConsumer(let choice):
            let group = situation.groups[Int(choice % UInt64(situation.groups.count))]
            let holders = chronicle.read { $0.leases.holders(in: group) }
            guard !holders.isEmpty else { return }
            let name = holders[Int((choice >> 8) % UInt64(holders.count))]
            chronicle.note("\(name) of \(group) is deleted") { rules, _ in rules.leases.deleted(name, in: group) }
            try world.memory.deleteConsumer(name, of: group, in: "orders")
        case .remake(let count): try remake(newest: count)
        case .delete(let choice):
            let ids = chronicle.read { $0.stored.keys.sorted() }
            guard !ids.isEmpty else { return }
            let id = ids[Int(choice % UInt64(ids.count))]
            if try world.memory.deleteEntry(id, of: "orders") { removed([id]) }
        case .purge:
            removed(try await world.memory.range(.zero ... .maximum, of: "orders", limit: .max).map(\.id))
            _ = try await world.memory.purge("orders")
        default: return
        }
    }

    /// Deletes the stream and makes it and its groups again, with new messages under the last ids.
    private func remake(newest count: Int) throws {
        let ids = try world.memory.backup().latest(count, of: "orders").map(\.id).reversed()
        guard !ids.isEmpty else { return }
        let new = zip(ids, world.nextMessages(ids.count))
        chronicle.note("made again: \(new.map { "\($0.0) is \($0.1)" })") { rules, _ in
            rules.remade(with: Dictionary(uniqueKeysWithValues: new), situation.groups)
        }
        try world.memory.remake("orders", with: new.map { StoredMessage(id: $0, message: situation.message($1)) })
        world.server.dropBackups()
    }

    private func removed(_ ids: [MessageID]) {
        chronicle.note("removed \(ids.count)") { rules, _ in rules.removed.formUnion(ids) }
    }
}

extension Situation.Step {
    /// What is counted when it happens; `nil` for what is no fault, and for what only begins or ends calls' faults.
    fileprivate var name: String? {
        switch self {
        case .publish(_, _, nil), .pass, .addHandlers, .restore, .release, .misbehave, .cut, .serverMood: nil
        case .publish: "publisher cancelled"
        case .request: "request without an answer"
        case .removeHandler: "handler removed"
        case .kill: "process killed"
        case .drain: "process drained"
        case .freeze: "process frozen"
        case .destroyGroup: "group destroyed"
        case .deleteConsumer: "consumer deleted"
        case .remake: "stream made again with the same ids"
        case .delete: "entry deleted"
        case .purge: "stream purged"
        case .shiftWallClock: "wall clock shifted"
        case .stepServerClock: "server clock stepped"
        case .restart(.nothing, _, _): "restart losing nothing"
        case .restart(.tail, _, _): "restart losing a tail"
        case .restart(.everything, _, _): "restart losing everything"
        }
    }
}
