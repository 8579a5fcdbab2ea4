// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit

/// Draws calls, from one seed: each sequence has a mixture of its own, and many lack some kinds of trouble altogether.
struct CallGenerator {
    private enum Kind: CaseIterable {
        case join, publish, receive, settle, extend, pass, die, leave, maintain, delete, disturb, rewind, destroy,
            deleteConsumer,
            flush

        /// How often it is drawn, of the calls of a usual program or of trouble.
        var weight: Double {
            switch self {
            case .publish: 16
            case .receive: 26
            case .settle: 26
            case .extend, .join: 5
            case .pass: 12
            case .die, .maintain, .delete, .disturb: 4
            case .rewind, .destroy, .deleteConsumer: 2
            case .leave: 1
            case .flush: 0.7
            }
        }

        var isTrouble: Bool {
            switch self {
            case .join, .publish, .receive, .settle, .pass: false
            default: true
            }
        }
    }

    private var random: SeededGenerator
    private var weights: [(kind: Kind, weight: Double)] = []
    private var streams = 1
    private var groups = 1
    private var consumers = 0
    private var messages = 0
    private var last: Call?
    private var lossRate = 0.0

    /// The visibility timeout of the sequence, in milliseconds.
    private(set) var visibility = 30_000

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        streams = number(1...2)
        groups = number(1...2)
        visibility = [3_000, 30_000, 90_000].randomElement(using: &random) ?? visibility
        lossRate = chance(0.5) ? 0.1 : 0
        weights = Kind.allCases.map {
            ($0, $0.isTrouble && chance(0.4) ? 0 : $0.weight * Double.random(in: 0.5...2, using: &random))
        }
    }

    /// The next call; the first ones subscribe somebody.
    mutating func next(_ clients: [Client]) -> Call {
        let alive = clients.filter { !$0.isGone }
        if alive.isEmpty || (consumers < 3 && chance(0.5)) { return join() }
        let call = draw(alive)
        last = call
        return call
    }
}

extension CallGenerator {
    private mutating func draw(_ alive: [Client]) -> Call {
        let client = alive.randomElement(using: &random)
        guard let client else { return join() }
        let (group, stream) = (client.group, client.stream)
        switch kind() {
        case .join: return join()
        case .publish: return .publish(newMessages(1...4), to: number(0...streams - 1))
        case .receive:
            let limit = [1, 1, 2, 3, 4, 5, 8, 10].randomElement(using: &random) ?? 1
            return .receive(client.number, limit: limit, suspects: chance(0.25) ? 0 : 1, isLost: chance(lossRate))
        case .settle: return settle(client)
        case .extend:
            let leases = leases(of: client, 1...3)
            return leases.isEmpty ? pass() : .extend(client.number, leases, isLost: chance(lossRate))
        case .pass: return pass()
        case .die: return .die(client.number)
        case .leave: return .leave(client.number)
        case .maintain: return .maintain(chance(0.75) ? .hold(number(1...8)) : .cap(number(3...12)))
        case .delete: return .delete(anyMessage(), from: stream)
        case .disturb: return .disturb(disturbance(), group: group, of: stream)
        case .rewind: return .rewind(group, of: stream, to: target())
        case .destroy: return .destroy(group, of: stream)
        case .deleteConsumer: return .deleteConsumer(client.number)
        case .flush: return .flush
        }
    }

    private mutating func kind() -> Kind {
        var point = Double.random(in: 0..<weights.reduce(0) { $0 + $1.weight }, using: &random)
        for (kind, weight) in weights {
            point -= weight
            if point < 0 { return kind }
        }
        return .receive
    }

    private mutating func join() -> Call {
        consumers += 1
        return .join(
            consumers, group: number(0...groups - 1), of: number(0...streams - 1),
            from: chance(0.15) ? .latest : .earliest)
    }

    private mutating func newMessages(_ counts: ClosedRange<Int>) -> [Int] {
        let first = messages + 1
        messages += number(counts)
        return Array(first...messages)
    }

    private mutating func pass() -> Call {
        let spans = [1, 1_000, 5_000, visibility / 3, visibility / 2, visibility, visibility + 1, visibility * 2]
        return .pass(spans.randomElement(using: &random) ?? 1_000)
    }

    /// Mostly what is held, now and then an old lease; now and then the same call again.
    private mutating func settle(_ client: Client) -> Call {
        if case .settle(let number, let decisions, _) = last, number == client.number, chance(0.3) {
            return .settle(number, decisions)
        }
        let leases = leases(of: client, 1...3)
        if leases.isEmpty { return .receive(client.number, limit: 5) }
        let decisions = leases.map { lease in Call.Decision(lease: lease, verb: verb()) }
        return .settle(client.number, decisions, isLost: chance(lossRate))
    }

    private mutating func leases(of client: Client, _ counts: ClosedRange<Int>) -> [Call.LeaseNumber] {
        var known = client.leases.keys.sorted()
        var leases: [Call.LeaseNumber] = []
        for _ in 0..<number(counts) where !known.isEmpty {
            let message = known.remove(at: number(0...known.count - 1))
            let count = client.leases[message]?.count ?? 1
            leases.append(.lease(message, chance(0.85) ? count : number(1...count)))
        }
        return leases
    }

    private mutating func verb() -> Call.Verb {
        let delay = [0, 10, 1_000, 5_000, visibility, 60_000].randomElement(using: &random) ?? 0
        return switch number(0...11) {
        case 0...3: .ack
        case 4...6: .retry(delay)
        case 7: .renew
        case 8, 9: .release(delay)
        case 10: .bury
        default: .forward(newMessages(1...2), to: number(0...streams - 1))
        }
    }

    private mutating func disturbance() -> Call.Disturbance {
        switch number(0...5) {
        case 0: .lose
        case 1: .replace
        case 2: .addJunk
        case 3: .addDue(anyMessage())
        case 4: .addNever(anyMessage())
        default: .remove(anyMessage())
        }
    }

    private mutating func target() -> Call.Target {
        switch number(0...3) {
        case 0: .earliest
        case 1: .latest
        default: .after(anyMessage())
        }
    }

    private mutating func anyMessage() -> Int { number(1...max(1, messages)) }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }
}
