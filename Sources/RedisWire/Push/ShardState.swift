// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The sharded channels that are listened to in a cluster, as a pure value: which slots they have, and at which node
/// each slot is listened to.
///
/// All channels of a slot are at one node, its home. They stay there as long as the node confirms them, whatever a map
/// says. A slot whose channels are not all confirmed is searched for until they are.
package struct ShardState<Node: Hashable & Sendable, Waiter: Sendable>: Sendable {
    /// What to do after a change. Closed by design.
    package enum Step: Sendable {
        /// Ask a node for a channel.
        case add(PushTopic, Node)
        /// Give a channel up at a node.
        case drop(PushTopic, Node)
        /// Ask a node again for what it has refused.
        case askAgain(Node)
        /// Look for the slots that are not whole, after this time.
        case search(after: Duration)
    }

    /// What follows from an event of a node.
    package struct Outcome: Sendable {
        package var steps: [Step] = []
        /// Those who get their result now.
        package var results: [(waiter: Waiter, result: Result<Void, RedisError>)] = []
        /// Whether messages may have been missed from now on.
        package var isGap = false
    }

    struct Channel {
        let slot: RedisSlot
        var references = 0
        var waiters: [Int: Waiter] = [:]
        /// The home of the slot once it has confirmed the channel.
        var confirmedBy: Node?
        /// Why it is refused until somebody changes something.
        var refusal: RedisError?

        var isSettled: Bool { confirmedBy != nil || refusal != nil }
    }

    struct Shard {
        var home: Node?
        var channels: Set<PushTopic> = []
        /// How many of the channels are neither confirmed nor refused for good.
        var pending = 0
        /// Whether a gap is counted already.
        var isInGap = false
        /// How often it was followed at once since it was whole.
        var hops = 0
    }

    /// How often a slot is followed at once: two nodes may send us back and forth.
    package static var hopsWithoutPause: Int { 5 }
    /// The bounds of the pauses between searches.
    package static var pauses: ClosedRange<Duration> { .milliseconds(50)...(.seconds(1)) }

    var channels: [PushTopic: Channel] = [:]
    var shards: [RedisSlot: Shard] = [:]
    var pause = Self.pauses.lowerBound
    var isSearching = false
    var isClosed = false

    /// How often messages may have been missed.
    package internal(set) var gaps = 0
    /// Why something is not listened to; `nil` once everything is.
    package internal(set) var lastError: RedisError?

    /// Makes a state without channels.
    package init() {}

    /// The number of channels.
    package var count: Int { channels.count }
    /// The number of channels that are confirmed.
    package var confirmed: Int { channels.values.count { $0.confirmedBy != nil } }
    /// Why a channel is refused, if one is.
    package var refusal: RedisError? { channels.values.lazy.compactMap(\.refusal).first }
    /// The nodes that are in use.
    package var homes: Set<Node> { Set(shards.values.compactMap(\.home)) }
    /// Whether every channel is confirmed or refused for good.
    package var isSettled: Bool { shards.values.allSatisfy { $0.pending == 0 } }

    /// Whether messages of a channel count when they come from a node.
    package func counts(_ topic: PushTopic, from node: Node) -> Bool {
        channels[topic]?.confirmedBy == node
    }
}

/// Calls of callers.
extension ShardState {
    /// Adds a reference to a channel. A waiter without a result stays.
    ///
    /// - Parameter owner: The node that has the slot, as far as known.
    package mutating func want(
        _ topic: PushTopic, _ waiter: Waiter, _ ticket: Int, owner: Node?
    ) -> (result: Result<Void, RedisError>?, steps: [Step]) {
        if isClosed { return (.failure(PushState<Waiter>.closed), []) }
        let isNew = channels[topic] == nil
        if isNew { enter(topic) }
        channels[topic]?.references += 1
        guard let channel = channels[topic], channel.confirmedBy == nil else {
            return (.success(()), [])
        }
        channels[topic]?.waiters[ticket] = waiter
        if let home = shards[channel.slot]?.home {
            return (nil, (isNew ? [.add(topic, home)] : []) + search())
        }
        return (nil, (owner.map { move(channel.slot, to: $0) } ?? []) + search())
    }

    /// Removes a reference. With the last one the channel is given up.
    package mutating func release(_ topic: PushTopic) -> [Step] {
        guard channels[topic] != nil else { return [] }
        channels[topic]?.references -= 1
        return dropIfUnused(topic)
    }

    /// Removes a waiter and its reference; returns `nil` if it has got its result.
    package mutating func giveUp(_ topic: PushTopic, _ ticket: Int) -> (
        waiter: Waiter, steps: [Step]
    )? {
        guard let waiter = channels[topic]?.waiters.removeValue(forKey: ticket) else { return nil }
        return (waiter, release(topic))
    }

    /// Ends everything; returns the waiters.
    package mutating func close() -> [Waiter] {
        isClosed = true
        defer { (channels, shards) = ([:], [:]) }
        return channels.values.flatMap(\.waiters.values)
    }

    mutating func enter(_ topic: PushTopic) {
        let channel = Channel(slot: RedisSlot(of: topic.text))
        channels[topic] = channel
        shards[channel.slot, default: Shard()].channels.insert(topic)
        shards[channel.slot]?.pending += 1
    }

    mutating func dropIfUnused(_ topic: PushTopic) -> [Step] {
        guard let channel = channels[topic], channel.references == 0, var shard = shards[channel.slot]
        else { return [] }
        channels[topic] = nil
        shard.channels.remove(topic)
        if !channel.isSettled { shard.pending -= 1 }
        shards[channel.slot] = shard.channels.isEmpty ? nil : shard
        return shard.home.map { [.drop(topic, $0)] } ?? []
    }
}

/// The search for slots that are not whole.
extension ShardState {
    /// Follows the map where a slot is not listened to, or asks its home again.
    ///
    /// - Parameters:
    ///   - chance: A number from 0 to 1 drawn at random.
    ///   - owner: Returns the node that has a slot, as far as known.
    package mutating func searched(chance: Double, owner: (RedisSlot) -> Node?) -> [Step] {
        isSearching = false
        if isSettled {
            lastError = nil
            return []
        }
        var steps: [Step] = []
        var again: Set<Node> = []
        for (slot, shard) in shards where shard.pending > 0 {
            guard let node = owner(slot) else { continue }
            if shard.home == node { again.insert(node) } else { steps += move(slot, to: node) }
        }
        isSearching = true
        pause = min(pause * 2, Self.pauses.upperBound)
        return steps + again.map { .askAgain($0) } + [.search(after: pause * (0.5 + 0.5 * chance))]
    }

    /// Begins a search, unless one is under way.
    mutating func search() -> [Step] {
        if isSearching { return [] }
        isSearching = true
        pause = Self.pauses.lowerBound
        return [.search(after: pause)]
    }

    mutating func move(_ slot: RedisSlot, to node: Node) -> [Step] {
        guard let shard = shards[slot] else { return [] }
        shards[slot]?.home = node
        for topic in shard.channels { settle(topic, confirmedBy: nil, refusal: nil) }
        let drops = shard.home.map { home in shard.channels.map { Step.drop($0, home) } } ?? []
        return drops + shard.channels.map { .add($0, node) }
    }

    mutating func settle(_ topic: PushTopic, confirmedBy node: Node?, refusal: RedisError?) {
        guard let channel = channels[topic] else { return }
        channels[topic]?.confirmedBy = node
        channels[topic]?.refusal = refusal
        let isSettled = node != nil || refusal != nil
        if isSettled != channel.isSettled { shards[channel.slot]?.pending += isSettled ? -1 : 1 }
    }
}
