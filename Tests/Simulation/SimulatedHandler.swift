// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit

/// The handler of one station: carries out what the dice say and tells the chronicle.
struct SimulatedHandler: Sendable {
    let station: HandlingRules.Station
    let group: GroupName
    let limits: HandlingRules.Limits
    let executor: FreezableExecutor
    let world: SimulatedWorld

    private var chronicle: Chronicle { world.chronicle }
    private var isDead: Bool { chronicle.read { $0.handling.isDead(station.process) } }

    /// Handles the messages of one call.
    func handle(_ deliveries: [Delivery]) async throws {
        let call = world.nextCall()
        let runs = deliveries.map { begin($0, call: call) }
        let endings = world.endings
        let script = world.script(for: deliveries.count, in: group)
        watch(deliveries, script)
        await work(script.before, script)
        for (index, delivery) in deliveries.enumerated() {
            await decide(delivery, runs[index], script.items[index])
        }
        await work(script.after, script)
        await goOn(script, since: endings)
        keep(deliveries, script)
        try end(deliveries, runs, script)
    }

    private func begin(_ delivery: Delivery, call: Int) -> Int {
        let key = LeaseRules.Key(group: group, id: delivery.id)
        let number = Int(delivery.message.payload.string) ?? -1
        let execution = HandlingRules.Execution(
            station: station, key: key, number: number, call: call, order: world.situation.order(of: number),
            attempt: delivery.attempt, limits: limits)
        let isDead = isDead
        return chronicle.note("\(name) begins \(delivery.id) attempt \(delivery.attempt)") { rules, now in
            guard !isDead else { return 0 }
            if !rules.wasStored(number, as: delivery.id) || delivery.message.key != world.situation.key(of: number) {
                rules.violations.append("\(delivery.id) was never published like this")
            }
            rules.delays.begins(attempt(of: delivery), isInBatch: limits.isBatch, now: now)
            rules.holding.begins(key, in: station.process, now: now)
            return rules.handling.begin(
                execution, entry: rules.leases.entries[key], leases: rules.leases.leases[key] ?? [:], now: now)
        }
    }

    private func attempt(of delivery: Delivery) -> DelayRules.Attempt {
        .init(process: station.process, key: .init(group: group, id: delivery.id), number: delivery.attempt)
    }

    /// Lets others wait for settlements while the handler runs.
    private func watch(_ deliveries: [Delivery], _ script: HandlerScript) {
        for (delivery, item) in zip(deliveries, script.items) {
            if item.isWatched { world.errands.add(on: executor) { await awaitSettlement(of: delivery) } }
        }
    }

    /// Keeps deliveries beyond their handler, for a verb that must be refused.
    private func keep(_ deliveries: [Delivery], _ script: HandlerScript) {
        for (delivery, item) in zip(deliveries, script.items) {
            guard let late = item.late else { continue }
            world.errands.add(on: executor) {
                await world.time.pass(late.after)
                await tryLate(late.verb, delivery)
            }
        }
    }

    private func work(_ duration: Duration, _ script: HandlerScript) async {
        guard duration > .zero else { return }
        let clock = world.time.clock
        if script.ignoresCancellation {
            await clock.sleepThroughCancellation(until: clock.now + duration)
        } else {
            await clock.sleep(until: clock.now + duration)
        }
    }

    /// What does not end by itself ends when everything does, or with its cancellation.
    private func goOn(_ script: HandlerScript, since endings: Int) async {
        while script.isEndless, world.endings == endings, script.ignoresCancellation || !Task.isCancelled {
            await work(world.situation.unit, script)
        }
    }

    private func decide(_ delivery: Delivery, _ run: Int, _ item: HandlerScript.Item) async {
        var isTaken = false
        for verb in item.verbs {
            guard await attempt(verb, delivery, run) else { continue }
            if isTaken { chronicle.blame("two verbs were taken for one delivery of \(delivery.id)") }
            isTaken = true
        }
        if isTaken, item.awaitsSettlement { await awaitSettlement(of: delivery) }
    }

    /// Tries a verb; returns whether it has decided.
    private func attempt(_ verb: HandlerScript.Verb, _ delivery: Delivery, _ run: Int) async -> Bool {
        do throws(BrokerError) {
            if case .extend = verb {
                try await delivery.extend()
                return false
            }
            try verb.decide(delivery)
        } catch {
            chronicle.note("\(name) \(verb) \(delivery.id): \(error.code)")
            return false
        }
        let isSuccess = if case .ack = verb { true } else { false }
        chronicle.note("\(name) \(verb) \(delivery.id)") { rules, now in
            rules.handling.decided(run, isSuccess: isSuccess)
            guard !rules.handling.isDead(station.process) else { return }
            switch verb {
            case .nack: rules.delays.failed(attempt(of: delivery), after: nil, now: now)
            case .retry(let delay): rules.delays.failed(attempt(of: delivery), after: delay, now: now)
            case .ack, .release, .deadLetter, .extend: break
            }
        }
        return true
    }

    private func awaitSettlement(of delivery: Delivery) async {
        chronicle.note("\(name) awaits \(delivery.id)") { rules, _ in rules.waiters += 1 }
        let result = await delivery.settled
        chronicle.note("\(name) is told \(delivery.id) \(result)") { rules, _ in rules.waiters -= 1 }
    }

    private func end(_ deliveries: [Delivery], _ runs: [Int], _ script: HandlerScript) throws {
        let end = script.end
        let isSuccess = if case .returns = end { true } else { false }
        // What is thrown by a handler that was cancelled is the cancellation's doing.
        let hasFailed = if case .fails = end { !Task.isCancelled } else { false }
        chronicle.note("\(name) ends \(runs) \(end)") { rules, now in
            for (delivery, run) in zip(deliveries, runs) {
                if hasFailed, rules.handling.isOpen(run) {
                    rules.delays.failed(attempt(of: delivery), after: nil, now: now)
                }
                rules.handling.end(
                    run, isSuccess: isSuccess, heedsCancellation: script.heedsCancellation, now: now)
            }
        }
        switch end {
        case .returns: return
        case .fails: throw HandlerFailure()
        case .rejects: throw Reject("rejected")
        }
    }

    private struct HandlerFailure: Error {}

    private var name: String { "handler \(station.process).\(station.number)" }
}

extension SimulatedHandler {
    /// Tries a verb when the handler has ended.
    private func tryLate(_ verb: HandlerScript.Verb, _ delivery: Delivery) async {
        do throws(BrokerError) {
            if case .extend = verb { try await delivery.extend() } else { try verb.decide(delivery) }
        } catch {
            chronicle.note("\(name) late \(verb) \(delivery.id): \(error.code)")
            return
        }
        if case .extend = verb { return }
        chronicle.blame("a verb was taken for \(delivery.id) after its handler had ended")
    }
}

extension HandlerScript.Verb {
    fileprivate func decide(_ delivery: Delivery) throws(BrokerError) {
        switch self {
        case .ack: try delivery.ack()
        case .nack: try delivery.nack()
        case .retry(let delay): try delivery.retry(after: delay)
        case .release: try delivery.release()
        case .deadLetter: try delivery.deadLetter("asked for")
        case .extend: return
        }
    }
}
