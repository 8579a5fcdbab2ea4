// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Which node has which slot, as far as that is known: what the nodes told when they were asked, and what redirections
/// told since.
///
/// A map never forgets the node of a slot: it asks the last known one until it learns of another.
package struct SlotMap: Sendable {
    private static let none = UInt16.max

    /// The nodes that have slots.
    package private(set) var primaries: [RedisNode] = []
    /// The nodes that have none; they are asked for the map only.
    package private(set) var replicas: [RedisNode] = []
    /// The epoch of the view that was followed last.
    package private(set) var epoch: UInt64 = 0
    /// How many slots have a node which the last view does not know.
    package private(set) var doubtful = 0
    private let seeds: [RedisNode]
    private var owners = [UInt16](repeating: Self.none, count: RedisSlot.count)
    private var olderViews = 0
    /// How many nodes there may be before those without slots are dropped.
    private var roomForIdle = 64

    /// Makes a map that knows nothing but where to ask.
    package init(seeds: [RedisNode] = []) {
        self.seeds = seeds
    }

    /// Every node.
    package var nodes: [RedisNode] { primaries + replicas }

    /// Whether it knows no node.
    package var isEmpty: Bool { primaries.isEmpty }

    /// Returns the node of a slot; `nil` if none was ever known.
    package func node(of slot: Int) -> RedisNode? {
        let owner = owners[slot]
        return owner == Self.none ? nil : primaries[Int(owner)]
    }

    /// Returns the node at an address.
    package func node(at address: RedisAddress) -> RedisNode? {
        primaries.first { $0.isCalled(address) } ?? replicas.first { $0.isCalled(address) }
    }

    /// Notes that a slot has moved; returns whether that is new.
    package mutating func move(_ slot: Int, to node: RedisNode) -> Bool {
        if self.node(of: slot) == node { return false }
        owners[slot] = index(of: node)
        if primaries.count > roomForIdle { dropIdlePrimaries() }
        return true
    }

    /// Notes what a node said about a slot.
    ///
    /// - Parameter node: The node that said it; `nil` if that is unknown.
    /// - Returns: the node that it names, and whether the map has changed; `nil` if it names none.
    package mutating func note(
        _ redirection: Redirection, by node: RedisNode?, _ addresses: AddressMap
    ) -> (node: RedisNode, isNew: Bool)? {
        let asked = node?.address ?? .host("", port: 1)
        guard let address = redirection.address(askedAt: asked, addresses) else { return nil }
        let target = self.node(at: address) ?? RedisNode(.init(address: address))
        return (target, redirection.kind == .moved && move(redirection.slot, to: target))
    }

    private mutating func index(of node: RedisNode) -> UInt16 {
        if let known = primaries.firstIndex(of: node) { return UInt16(known) }
        replicas.removeAll { $0 == node }
        primaries.append(node)
        return UInt16(primaries.count - 1)
    }

    /// Removes the nodes that no slot needs any more.
    private mutating func dropIdlePrimaries() {
        var positions = [UInt16](repeating: Self.none, count: primaries.count)
        var kept: [RedisNode] = []
        for slot in owners.indices where owners[slot] != Self.none {
            let owner = Int(owners[slot])
            if positions[owner] == Self.none {
                positions[owner] = UInt16(kept.count)
                kept.append(primaries[owner])
            }
            owners[slot] = positions[owner]
        }
        primaries = kept
        roomForIdle = max(64, 2 * kept.count)
    }
}

/// What nodes tell when they are asked.
extension SlotMap {
    /// Follows a view; returns whether a slot has another node now.
    ///
    /// A slot that the view does not know keeps its node. A view of an earlier epoch than the last one is followed when
    /// it is the second in a row: the first one may come from a node that was cut off, several mean a new cluster.
    package mutating func follow(_ view: SlotView) -> Bool {
        olderViews = view.epoch < epoch ? olderViews + 1 : 0
        if olderViews == 1 { return false }
        olderViews = 0
        epoch = view.epoch
        let (before, former) = (owners, nodes)
        for range in view.ranges {
            guard let facts = range.primary else { continue }
            let index = index(of: known(facts))
            for slot in range.slots { owners[slot] = index }
        }
        doubtful = before.indices.count { before[$0] != Self.none && !view.covered.contains($0) }
        let isNew = owners != before
        dropIdlePrimaries()
        replicas = view.replicas.map { facts in (former + seeds).first { $0.fits(facts) } ?? RedisNode(facts) }
            .filter { !primaries.contains($0) }.sorted { "\($0)" < "\($1)" }
        return isNew
    }

    /// Returns the node with these facts, which keeps its connections.
    private func known(_ facts: RedisNode.Facts) -> RedisNode {
        (nodes + seeds).first { $0.fits(facts) } ?? RedisNode(facts)
    }
}
