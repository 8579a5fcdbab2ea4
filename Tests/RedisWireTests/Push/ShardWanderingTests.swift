// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

/// Slots that move, nodes that die and maps that are out of date, in thousands of orders.
@Suite struct ShardWanderingTests {
    @Test(arguments: 0..<8) func everyChannelIsFoundInTheEndWhateverHappens(part: Int) {
        for seed in 0..<400 {
            var cluster = WanderingCluster(seed: UInt64(part * 400 + seed))
            for _ in 0..<60 { cluster.happen() }
            cluster.calm()
            #expect(cluster.complaints == [], "seed \(part * 400 + seed)")
            if !cluster.complaints.isEmpty { return }
        }
    }
}

/// Four nodes, some slots, and a client whose state is under test. Requests, replies and pushes wait in queues, one
/// for each node; which queue moves next is drawn.
private struct WanderingCluster {
    private static let topics = (0..<9).map { PushTopic.shard("{\($0 % 4)}\($0)") }
    private static let gone = RedisError(.connection, "lost", effect: .unknown)

    /// What is on its way from the client to a node, or back.
    private enum Parcel {
        case ask(PushTopic)
        case event(PushEvent)
    }

    private var random: SeededGenerator
    private var state = ShardState<Int, Int>()
    /// The truth, and what the map of the client says.
    private var owners: [RedisSlot: Int] = [:]
    private var map: [RedisSlot: Int] = [:]
    private var isAlive = [true, true, true, true]
    /// What each node has on its connection to the client, and what the link of the client asks for.
    private var subscribed: [Set<PushTopic>] = Array(repeating: [], count: 4)
    private var wantedAt: [Set<PushTopic>] = Array(repeating: [], count: 4)
    private var queues: [[Parcel]] = Array(repeating: [], count: 4)
    private var isSearchDue = false
    /// References by channel, and waiters without a result.
    private var references: [PushTopic: Int] = [:]
    private var waiting: [Int: PushTopic] = [:]
    private var lastTicket = 0
    private var losses = 0
    private(set) var complaints: [String] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        for topic in Self.topics {
            owners[RedisSlot(of: topic.text)] = Int.random(in: 0..<4, using: &random)
        }
    }

    mutating func happen() {
        switch Int.random(in: 0..<14, using: &random) {
        case 0...2: want()
        case 3: release()
        case 4: moveSlot()
        case 5:
            if Int.random(in: 0..<3, using: &random) == 0 { kill(Int.random(in: 0..<4, using: &random)) }
        case 6: revive()
        case 7: map = owners
        case 8:
            if let slot = owners.keys.randomElement(using: &random) {
                map[slot] = Int.random(in: 0..<4, using: &random)
            }
        case 9: search()
        default: deliver(Int.random(in: 0..<4, using: &random))
        }
    }

    /// Nothing new happens, and everything that was begun is done.
    mutating func calm() {
        isAlive = [true, true, true, true]
        map = owners
        for _ in 0..<200 {
            for node in 0..<4 { while !queues[node].isEmpty { deliver(node) } }
            search()
        }
        let lost = references.keys.filter { topic in
            let owner = owners[RedisSlot(of: topic.text)] ?? 0
            return !state.counts(topic, from: owner) || !subscribed[owner].contains(topic)
        }
        if !lost.isEmpty { complaints.append("nobody listens to \(lost.map(\.text).sorted())") }
        if !waiting.isEmpty { complaints.append("\(waiting.count) wait for ever") }
        if state.count != references.count {
            complaints.append("\(state.count) channels of \(references.count)")
        }
        if !state.isSettled { complaints.append("it is not settled") }
        for node in 0..<4 where !subscribed[node].subtracting(references.keys).isEmpty {
            complaints.append("node \(node) is listened to for nobody")
        }
        if losses > 0, state.gaps == 0 { complaints.append("\(losses) losses and no gap") }
        if state.gaps > losses { complaints.append("\(state.gaps) gaps of \(losses) losses") }
    }
}

/// What happens.
extension WanderingCluster {
    private mutating func want() {
        let topic = Self.topics.randomElement(using: &random) ?? Self.topics[0]
        lastTicket += 1
        references[topic, default: 0] += 1
        let (result, steps) = state.want(
            topic, lastTicket, lastTicket, owner: map[RedisSlot(of: topic.text)])
        if result == nil { waiting[lastTicket] = topic }
        perform(steps)
    }

    private mutating func release() {
        let idle = references.filter { topic, count in count > waiting.values.count { $0 == topic } }
            .keys
        guard let topic = idle.sorted(by: { $0.text < $1.text }).randomElement(using: &random) else {
            return
        }
        references[topic] = references[topic].flatMap { $0 > 1 ? $0 - 1 : nil }
        perform(state.release(topic))
    }

    private mutating func moveSlot() {
        let slots = owners.keys.sorted { $0.number < $1.number }
        guard let slot = slots.randomElement(using: &random), let former = owners[slot] else { return }
        owners[slot] = Int.random(in: 0..<4, using: &random)
        if owners[slot] == former { return }
        for topic in subscribed[former] where RedisSlot(of: topic.text) == slot {
            subscribed[former].remove(topic)
            // One in four says nothing; the check finds it.
            let isSilent = Int.random(in: 0..<4, using: &random) == 0
            queues[former] += isSilent ? [] : [.event(.ended(topic))]
            queues[former].append(.ask(topic))
        }
    }

    private mutating func kill(_ node: Int) {
        isAlive[node] = false
        subscribed[node] = []
        queues[node] = [.event(.lost(Self.gone))]
        // Another one takes its slots.
        for (slot, owner) in owners where owner == node { owners[slot] = (node + 1) % 4 }
    }

    private mutating func revive() { isAlive = [true, true, true, true] }

    private mutating func search() {
        guard isSearchDue else { return }
        isSearchDue = false
        let map = map
        perform(state.searched(chance: 0.5) { map[$0] })
    }
}

/// The connections.
extension WanderingCluster {
    private mutating func deliver(_ node: Int) {
        if queues[node].isEmpty { return }
        switch queues[node].removeFirst() {
        case .ask(let topic): answer(topic, at: node)
        case .event(let event): take(event, from: node)
        }
    }

    private mutating func answer(_ topic: PushTopic, at node: Int) {
        guard wantedAt[node].contains(topic) else { return }
        let owner = owners[RedisSlot(of: topic.text)] ?? 0
        if !isAlive[node] {
            queues[node] = [.event(.lost(Self.gone))]
        } else if owner == node {
            subscribed[node].insert(topic)
            queues[node].append(.event(.began(topic)))
        } else {
            subscribed[node].remove(topic)
            queues[node].append(.event(.refused(topic, RedisError(ServerError("MOVED 1 \(owner):1")))))
        }
    }

    private mutating func take(_ event: PushEvent, from node: Int) {
        switch event {
        case .began(let topic):
            if wantedAt[node].contains(topic) { finish(state.began(topic, at: node)) }
        case .ended(let topic):
            if state.counts(topic, from: node) { losses += 1 }
            finish(state.ended(topic, at: node))
        case .refused(let topic, let error):
            guard wantedAt[node].contains(topic) else { return }
            if state.counts(topic, from: node) { losses += 1 }
            let owner = error.message.split(separator: " ").last.flatMap { Int($0.prefix(1)) }
            finish(state.refused(topic, error, at: node, owner: owner))
        case .lost(let error):
            losses += Self.topics.contains { state.counts($0, from: node) } ? 1 : 0
            finish(state.lost(node, error))
        case .message, .unreadable: break
        }
    }

    private mutating func finish(_ outcome: ShardState<Int, Int>.Outcome) {
        for (ticket, _) in outcome.results where waiting.removeValue(forKey: ticket) == nil {
            complaints.append("a result for nobody")
        }
        perform(outcome.steps)
    }

    private mutating func perform(_ steps: [ShardState<Int, Int>.Step]) {
        for step in steps {
            switch step {
            case .add(let topic, let node):
                if !wantedAt[node].insert(topic).inserted {
                    complaints.append("\(topic.text) is added twice")
                }
                queues[node].append(.ask(topic))
            case .drop(let topic, let node):
                if wantedAt[node].remove(topic) == nil {
                    complaints.append("\(topic.text) is dropped twice")
                }
                subscribed[node].remove(topic)
            case .askAgain(let node):
                queues[node] += wantedAt[node].subtracting(subscribed[node]).map { .ask($0) }
            case .search:
                if isSearchDue { complaints.append("two searches at once") }
                isSearchDue = true
            }
        }
    }
}
