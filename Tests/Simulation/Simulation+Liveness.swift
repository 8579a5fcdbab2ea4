// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit

/// Liveness: a message that is there begins while a lane is free, also when every other handler never ends.
extension Simulation {
    /// Lets handlers that do not end take every lane but one, a few at a time; whatever is there must begin meanwhile.
    func crowd(_ process: SimulatedProcess) async {
        let lanes = situation.ordering == .stream ? 1 : process.member.concurrency
        let first = world.nextMessages(1).lowerBound
        world.ask(endlessCalls: lanes - 1, of: situation.groups)
        // Some of one key: what is behind the first of them holds up no other.
        process.publish(world.nextMessages(7))
        await look(at: process, lanes, since: first)
        for _ in 0..<lanes where !isCrowded(process, lanes - 1) {
            process.publish(world.nextMessagesWithoutKey(world.dice.number(in: 1...3)))
            await look(at: process, lanes, since: first)
        }
        process.publish(world.nextMessagesWithoutKey(1))
        await look(at: process, lanes, since: first)
        world.endAll()
    }

    private func isCrowded(_ process: SimulatedProcess, _ calls: Int) -> Bool {
        situation.groups.allSatisfy { group in
            chronicle.read { $0.handling.calls(in: process.number, group) } >= calls
        }
    }

    private func look(at process: SimulatedProcess, _ lanes: Int, since first: Int) async {
        // A lane that gathers is not free: each key that comes to it waits for a window of its own.
        let window = process.member.batch?.window ?? .zero
        await world.time.pass(window * 12 + .milliseconds(100))
        for group in situation.groups where violation(in: group, of: process, lanes, since: first) != nil {
            // A lane that became free a moment ago gathers once more.
            await world.time.pass(window * 12 + .milliseconds(100))
            guard let violation = violation(in: group, of: process, lanes, since: first) else { continue }
            chronicle.blame(violation)
        }
    }

    /// What is wrong when messages wait while a lane is free.
    private func violation(
        in group: GroupName, of process: SimulatedProcess, _ lanes: Int, since first: Int
    ) -> String? {
        let (calls, waiting) = chronicle.read { rules in
            (rules.handling.calls(in: process.number, group), self.waiting(in: group, rules, since: first))
        }
        guard calls < lanes, !waiting.isEmpty else { return nil }
        return "\(waiting) wait in \(group), while \(calls) of \(lanes) lanes are busy"
    }

    /// What could begin and has not; nothing while more waits behind keys than may be passed.
    private func waiting(in group: GroupName, _ rules: borrowing Chronicle.Rules, since first: Int) -> [MessageID] {
        let busy = rules.handling.orders(in: group)
        var free: [MessageID] = []
        var behind = 0
        for (id, number) in rules.stored where number >= first {
            if rules.handling.hasBegun(.init(group: group, id: id)) { continue }
            if let order = situation.order(of: number), busy.contains(order) {
                behind += 1
            } else {
                free.append(id)
            }
        }
        return behind > situation.backlog ? [] : free.sorted()
    }
}
