// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit
import Synchronization

/// One seed, played from the first message to the last: disorder, then peace, then calm, then the account.
///
/// Of the invariants of a broker these are held against every event, by the rules that take note of it:
///
/// | invariant | where |
/// |---|---|
/// | I1 conservation | `Account`: everything stored ended in every group, was removed on purpose, or is counted as forgotten |
/// | I2 no phantoms | `SimulatedHandler`: what is handled was published like that |
/// | I3 single location | `Census`: what is pending and parked on the server is what the facts add up to |
/// | I4 ack after success, of the message that an id names by then | `HandlingRules.acknowledged` |
/// | I5 lease exclusivity | `LeaseRules.lease`, `HandlingRules.begin`, `HoldingRules.begins` |
/// | I6 fencing | `LeaseRules.settled`, `LeaseRules.extended` |
/// | I7 attempts rise, and no more than allowed run | `LeaseRules.lease`, `HandlingRules.begin` |
/// | I8 delays | `DelayRules`, `LeaseRules.lease`; no handler outlasts its timeout: `HandlingRules.end` |
/// | I10 order | `HandlingRules.begin` |
/// | I11 progress | `Simulation+Peace`: drained within a bound of virtual time; `Simulation+Liveness`: what is there begins |
/// | I13 bounds | `HoldingRules`, `HandlingRules.checkConcurrency`; no task and no timer is left in the end |
/// | I15 honest results | `LeaseRules.told`, `Chronicle.Rules.published` |
/// | I16 true numbers | `Simulation+Peace`: when all is well, health says so |
/// | I17 shutdown | `HandlingRules.begin`, `HandlingRules.ended`, `HandlingRules.acknowledged`, `HoldingRules.ended` |
///
/// The others are not about an engine and its provider alone, or have a test of their own.
package final class Simulation: Sendable {
    let seed: UInt64
    let world: SimulatedWorld
    /// Every process that ever was, and for each place which one is there now.
    private let processes = Mutex<(all: [SimulatedProcess], current: [Int])>(([], []))

    /// Prepares to play a seed; every line is kept if that is wanted.
    package init(seed: UInt64, keepsTrace: Bool = false) {
        self.seed = seed
        world = SimulatedWorld(seed: seed, keepsTrace: keepsTrace)
    }

    /// Every line of what happened, if they are kept.
    package var lines: [String] { chronicle.lines }
    var chronicle: Chronicle { world.chronicle }
    var all: [SimulatedProcess] { processes.withLock { $0.all } }
    var situation: Situation { world.situation }

    /// Plays; returns what came of it.
    package func run() async -> SimulationResult {
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
        return SimulationResult(of: self)
    }

    private func play() async throws {
        for place in situation.members.indices { try start(at: place) }
        let needsBackups = situation.steps.contains { if case .restart(.tail, _, _) = $0 { true } else { false } }
        for step in situation.steps {
            try await carryOut(step)
            if needsBackups { try world.server.takeBackup() }
            takeCensus()
        }
        try await makePeace()
    }

    func start(at place: Int) throws {
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

    func current(_ number: Int) -> (place: Int, process: SimulatedProcess) {
        processes.withLock { processes in
            let place = number % processes.current.count
            return (place, processes.all[processes.current[place]])
        }
    }
}
