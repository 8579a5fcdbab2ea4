// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Events of nodes. What a node says of a slot whose home is another one changes nothing.
extension ShardState {
    /// A node has confirmed a channel.
    package mutating func began(_ topic: PushTopic, at node: Node) -> Outcome {
        guard let channel = channel(topic, at: node) else { return Outcome() }
        settle(topic, confirmedBy: node, refusal: nil)
        channels[topic]?.waiters = [:]
        if shards[channel.slot]?.pending == 0 {
            shards[channel.slot]?.isInGap = false
            shards[channel.slot]?.hops = 0
        }
        return Outcome(results: channel.waiters.values.map { ($0, .success(())) })
    }

    /// A node has ended a channel by itself, since its slot has left. The node is asked again, and says who has it.
    package mutating func ended(_ topic: PushTopic, at node: Node) -> Outcome {
        guard counts(topic, from: node), let slot = channels[topic]?.slot else { return Outcome() }
        settle(topic, confirmedBy: nil, refusal: nil)
        let isGap = beginGap(in: slot)
        if isGap { gaps += 1 }
        return Outcome(steps: search(), isGap: isGap)
    }

    /// A node refuses a channel.
    ///
    /// - Parameter owner: The node that it names instead.
    package mutating func refused(
        _ topic: PushTopic, _ error: RedisError, at node: Node, owner: Node? = nil
    ) -> Outcome {
        guard let channel = channel(topic, at: node) else { return Outcome() }
        lastError = error
        guard error.isRetryable else {
            settle(topic, confirmedBy: nil, refusal: error)
            return fail(topic, error)
        }
        var outcome = Outcome(isGap: channel.confirmedBy != nil && beginGap(in: channel.slot))
        if outcome.isGap { gaps += 1 }
        settle(topic, confirmedBy: nil, refusal: nil)
        if let owner, owner != node, let hops = shards[channel.slot]?.hops, hops < Self.hopsWithoutPause {
            shards[channel.slot]?.hops += 1
            outcome.steps = move(channel.slot, to: owner)
        }
        outcome.steps += search()
        return outcome
    }

    /// The connection to a node is lost, or could not be made.
    package mutating func lost(_ node: Node, _ error: RedisError) -> Outcome {
        var outcome = Outcome()
        for (slot, shard) in shards where shard.home == node {
            let isListening = shard.channels.contains { channels[$0]?.confirmedBy != nil }
            if isListening, beginGap(in: slot) { outcome.isGap = true }
            for topic in shard.channels { settle(topic, confirmedBy: nil, refusal: nil) }
            if error.needsHelp { for topic in shard.channels { outcome.add(fail(topic, error)) } }
            lastError = error
            // A receiver without room says itself when it has room again.
            if error.code != .overloaded { outcome.steps += search() }
        }
        if outcome.isGap { gaps += 1 }
        return outcome
    }

    /// Returns whether a gap begins: one that lasts is none.
    private mutating func beginGap(in slot: RedisSlot) -> Bool {
        defer { shards[slot]?.isInGap = true }
        return shards[slot]?.isInGap == false
    }

    /// Returns a channel if this node is the home of its slot.
    private func channel(_ topic: PushTopic, at node: Node) -> Channel? {
        guard let channel = channels[topic], shards[channel.slot]?.home == node else { return nil }
        return channel
    }

    /// Gives those who wait for a channel the error; each loses its reference.
    private mutating func fail(_ topic: PushTopic, _ error: RedisError) -> Outcome {
        guard let channel = channels[topic] else { return Outcome() }
        channels[topic]?.waiters = [:]
        channels[topic]?.references -= channel.waiters.count
        return Outcome(
            steps: dropIfUnused(topic), results: channel.waiters.values.map { ($0, .failure(error)) })
    }
}

extension ShardState.Outcome {
    mutating func add(_ other: Self) {
        steps += other.steps
        results += other.results
    }
}
