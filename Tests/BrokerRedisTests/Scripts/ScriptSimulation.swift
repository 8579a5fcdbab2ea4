// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit

/// Consumers of one group that do at random what consumers do, with the faults that they meet: replies get lost,
/// settlements are sent twice, processes end, the sorted set is deleted or filled with junk.
///
/// All calls go to a real server, one after the other, so that a seed gives the same calls; only their times differ.
struct ScriptSimulation {
    static let visibility = 60

    let bench: ScriptBench
    /// Whether about half of the consumers are of the version before.
    let isMixed: Bool
    var random: SeededGenerator
    var consumers: [SimulatedConsumer] = []
    var acked: Set<String> = []
    var buried: Set<String> = []
    /// Ids that were given to somebody while somebody else's lease could not have ended.
    var doubled: [String] = []

    init(_ bench: ScriptBench, seed: UInt64, isMixed: Bool = false) {
        self.bench = bench
        self.isMixed = isMixed
        random = SeededGenerator(seed: seed)
        consumers = [makeConsumer(), makeConsumer(), makeConsumer()]
    }

    /// Lets each consumer take `steps` turns.
    mutating func run(steps: Int) async throws {
        for step in 0..<steps {
            for index in consumers.indices { try await turn(of: index, step) }
        }
    }

    /// Ends the faults and settles what is left, for at most `rounds` rounds.
    mutating func drain(rounds: Int) async throws {
        consumers = [makeConsumer()]
        for _ in 0..<rounds {
            try await sweep(0, room: 50)
            try await read(0, room: 50)
            let ids = Array(consumers[0].leases.keys)
            if !ids.isEmpty { try await bench.command("XACK", [bench.stream, bench.group] + ids) }
            acked.formUnion(ids)
            consumers[0].leases = [:]
            if try await bench.pending().isEmpty { return }
        }
    }
}

/// What a consumer does in its turn.
extension ScriptSimulation {
    private mutating func turn(of index: Int, _ step: Int) async throws {
        try await extendOld(index)
        if !consumers[index].unanswered.isEmpty, chance(0.5) {
            try await carryOut(consumers[index].unanswered.removeFirst(), by: consumers[index])
        }
        let hasRoom = consumers[index].leases.count < 8
        switch Double.random(in: 0..<1, using: &random) {
        case ..<0.25: if hasRoom { try await sweep(index, room: 3) }
        case ..<0.5: if hasRoom { try await read(index, room: 3) }
        case ..<0.9: try await settleOne(index)
        case ..<0.91: consumers[index] = makeConsumer()
        case ..<0.915: try await bench.command("DEL", bench.due)
        case ..<0.92: try await bench.command("ZADD", bench.due, "0", "junk \(step)")
        case ..<0.922: try await bench.command("HSET", bench.floor, "guard", "junk")
        default: break
        }
    }

    /// Extends what has been held for a third of its time.
    private mutating func extendOld(_ index: Int) async throws {
        let now = ContinuousClock.now
        let name = consumers[index].name
        for (id, lease) in consumers[index].leases.sorted(by: { $0.key < $1.key })
        where now - lease.since > .milliseconds(Self.visibility / 3) {
            let outcome = try await bench.extend([id], by: name, token: lease.token)
            consumers[index].leases[id]?.since = now
            if outcome != [ScriptBench.done] { consumers[index].leases[id] = nil }
        }
    }

    private mutating func sweep(_ index: Int, room: Int) async throws {
        let start = ContinuousClock.now
        let cursor = consumers[index].cursor
        let sweep = try await bench.version(consumers[index].isFormer).sweep(by: consumers[index].name) {
            $0.visibility = Self.visibility
            ($0.due, $0.expired, $0.cursor) = (room, room, cursor)
        }
        consumers[index].cursor = sweep.cursor
        if chance(0.1) { return }
        for (id, token) in sweep.expired.merging(sweep.due, uniquingKeysWith: max) { take(id, token, index, start) }
    }

    private mutating func read(_ index: Int, room: Int) async throws {
        let start = ContinuousClock.now
        let ids = try await bench.read(room, by: consumers[index].name)
        if chance(0.1) { return }
        for id in ids { take(id, 1, index, start) }
    }

    private mutating func settleOne(_ index: Int) async throws {
        let held = consumers[index].leases.keys.sorted()
        guard let id = held.randomElement(using: &random), let lease = consumers[index].leases.removeValue(forKey: id)
        else { return }
        let kinds: [SimulatedSettlement.Kind] = [.ack, .ack, .retry, .release, .renew, .bury]
        let kind = kinds.randomElement(using: &random) ?? .ack
        let settlement = SimulatedSettlement(
            id: id, token: lease.token, kind: kind, delay: [0, 5, 30].randomElement(using: &random) ?? 0)
        let outcome = try await carryOut(settlement, by: consumers[index])
        if chance(0.15) {
            consumers[index].unanswered.append(settlement)
        } else if kind == .renew, outcome == [ScriptBench.done] {
            consumers[index].leases[id] = .init(token: lease.token + 1, since: lease.since)
        }
    }

    @discardableResult
    private mutating func carryOut(
        _ settlement: SimulatedSettlement, by consumer: SimulatedConsumer
    ) async throws -> RedisValue {
        let (id, token, name) = (settlement.id, settlement.token, consumer.name)
        let bench = bench.version(consumer.isFormer)
        switch settlement.kind {
        case .ack:
            acked.insert(id)
            return try await bench.command("XACK", bench.stream, bench.group, id)
        case .retry: return try await bench.park([id], by: name, token: token, delay: settlement.delay)
        case .release: return try await bench.park([id], by: name, token: token, waiting: token + 999_999)
        case .renew: return try await bench.extend([id], by: name, token: token, to: token + 1)
        case .bury:
            let outcome = try await bench.bury([id], by: name, token: token)
            if outcome == [ScriptBench.done] { buried.insert(id) }
            return outcome
        }
    }

    private mutating func take(_ id: String, _ token: Int, _ index: Int, _ start: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        for other in consumers where other.name != consumers[index].name && !acked.contains(id) {
            guard let lease = other.leases[id] else { continue }
            // The server counts whole milliseconds.
            if now - lease.since < .milliseconds(Self.visibility - 2) { doubled.append(id) }
        }
        consumers[index].leases[id] = .init(token: token, since: start)
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func makeConsumer() -> SimulatedConsumer {
        SimulatedConsumer(
            name: "c\(Int.random(in: 0..<1_000_000_000, using: &random))@\(Self.visibility)",
            isFormer: isMixed && Bool.random(using: &random))
    }
}

/// A process that consumes.
struct SimulatedConsumer {
    /// What it holds of an entry.
    struct Lease {
        var token: Int
        /// When it asked for the lease, so the lease lasts at least from then.
        var since: ContinuousClock.Instant
    }

    let name: String
    /// Whether it is of the version before.
    let isFormer: Bool
    var leases: [String: Lease] = [:]
    var unanswered: [SimulatedSettlement] = []
    var cursor = "-"
}

/// A decision about an entry.
struct SimulatedSettlement {
    enum Kind { case ack, retry, release, renew, bury }

    var id: String
    var token: Int
    var kind: Kind
    var delay: Int
}
