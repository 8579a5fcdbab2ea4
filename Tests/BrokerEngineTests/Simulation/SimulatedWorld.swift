// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit
import Synchronization

/// What all processes of a simulation share: time, chance, the memory, the chronicle.
final class SimulatedWorld: Sendable {
    let time: VirtualTime
    let dice: Dice
    let situation: Situation
    let memory: MemoryProvider
    let chronicle: Chronicle
    let errands = Errands()

    private struct Counters {
        var calls = 0
        var stations = 0
        var messages = 0
        var isHealthy = false
    }

    private let counters = Mutex(Counters())

    init(seed: UInt64) {
        time = VirtualTime(seed: seed)
        dice = Dice(seed: seed)
        situation = Situation(dice)
        memory = MemoryProvider(clock: time.clock)
        chronicle = Chronicle(clock: time.clock)
    }

    func nextCall() -> Int {
        counters.withLock { counters in
            counters.calls += 1
            return counters.calls
        }
    }

    func nextStation() -> Int {
        counters.withLock { counters in
            counters.stations += 1
            return counters.stations
        }
    }

    /// The numbers of the next messages.
    func nextMessages(_ count: Int) -> Range<Int> {
        counters.withLock { counters in
            defer { counters.messages += count }
            return counters.messages..<(counters.messages + count)
        }
    }

    /// From now on every handler that begins is quick and well-behaved.
    func heal() { counters.withLock { $0.isHealthy = true } }

    func script(for count: Int) -> HandlerScript {
        counters.withLock { $0.isHealthy }
            ? HandlerScript(healthy: count) : HandlerScript(dice, unit: situation.unit, count: count)
    }

    /// Waits until something is so, looking every so often; false when `limit` has passed before.
    func wait(_ limit: Duration, every step: Duration, until isSo: @Sendable () async -> Bool) async -> Bool {
        let end = time.clock.now + limit
        while await !isSo() {
            if time.clock.now >= end { return false }
            await time.pass(step)
        }
        return true
    }
}
