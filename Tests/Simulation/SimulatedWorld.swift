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
    let server: SimulatedServer
    let chronicle: Chronicle
    let errands = Errands()

    var memory: MemoryProvider { server.memory }

    private struct Counters {
        var calls = 0
        var stations = 0
        var messages = 0
        var isHealthy = false
        /// How many calls of handlers take longer than a visibility timeout although all is well.
        var longCalls = 0
        /// How many calls of handlers fail although all else is well.
        var failingCalls = 0
        /// How many calls of a group's handlers do not end although all else is well.
        var endlessCalls: [GroupName: Int] = [:]
        /// How often all that does not end has been ended.
        var endings = 0
        /// What went wrong on purpose, by name.
        var disorders: [String: Int] = [:]
    }

    private let counters = Mutex(Counters())

    init(seed: UInt64, keepsTrace: Bool) {
        time = VirtualTime(seed: seed)
        dice = Dice(seed: seed)
        situation = Situation(dice)
        chronicle = Chronicle(clock: time.clock, policy: situation.policy, keepsAll: keepsTrace)
        server = SimulatedServer(clock: time.clock, chronicle: chronicle)
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

    /// The numbers of messages that have no key, behind all that were given.
    func nextMessagesWithoutKey(_ count: Int) -> [Int] {
        counters.withLock { counters in
            var numbers: [Int] = []
            while numbers.count < count {
                if situation.key(of: counters.messages) == nil { numbers.append(counters.messages) }
                counters.messages += 1
            }
            return numbers
        }
    }

    /// From now on every handler that begins is quick and well-behaved, and those that do not end do so.
    func heal() {
        counters.withLock { $0.isHealthy = true }
        endAll()
    }

    /// The next calls of the handlers of each of these groups do not end before ``endAll()``.
    func ask(endlessCalls: Int, of groups: [GroupName]) {
        counters.withLock { counters in
            for group in groups { counters.endlessCalls[group] = endlessCalls }
        }
    }

    /// Ends every handler that does not end by itself.
    func endAll() {
        counters.withLock { counters in
            counters.endlessCalls = [:]
            counters.endings += 1
        }
    }

    /// How often ``endAll()`` was called.
    var endings: Int { counters.withLock { $0.endings } }

    /// The next calls of handlers may outlast their leases, which only heartbeats prevent.
    func ask(longCalls: Int) { counters.withLock { $0.longCalls = longCalls } }

    /// The next calls of handlers fail, which only retries make good.
    func ask(failingCalls: Int) { counters.withLock { $0.failingCalls = failingCalls } }

    func script(for count: Int, in group: GroupName) -> HandlerScript {
        let (isHealthy, isLong, isFailing, isEndless) = counters.withLock { counters in
            let endless = counters.endlessCalls[group] ?? 0
            defer {
                counters.longCalls = max(0, counters.longCalls - 1)
                counters.failingCalls = max(0, counters.failingCalls - 1)
                counters.endlessCalls[group] = max(0, endless - 1)
            }
            return (counters.isHealthy, counters.longCalls > 0, counters.failingCalls > 0, endless > 0)
        }
        guard isHealthy else { return HandlerScript(dice, unit: situation.unit, count: count) }
        var script = HandlerScript(healthy: count, taking: isLong ? situation.unit * 5 : .zero)
        if isFailing { script.end = .fails }
        script.isEndless = isEndless
        return script
    }

    /// Counts something that went wrong on purpose.
    func count(_ disorder: String, _ times: Int = 1) {
        counters.withLock { $0.disorders[disorder, default: 0] += times }
    }

    var disorders: [String: Int] { counters.withLock { $0.disorders } }

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
