// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Which node has which slots as one node sees it: its replies to CLUSTER SLOTS and CLUSTER INFO.
package struct SlotView: Sendable {
    /// Slots in a row, and the node that has them; `nil` if the node that was asked does not know its address.
    package struct Range: Sendable, Hashable {
        package var slots: ClosedRange<Int>
        package var primary: RedisNode.Facts?
    }

    /// The slots that have a primary.
    package private(set) var ranges: [Range] = []
    /// The replicas, which are asked for the map and for nothing else.
    package private(set) var replicas: Set<RedisNode.Facts> = []
    /// The slots of which the primary is known.
    package private(set) var covered = SlotSet()
    /// The epoch of the cluster as the node knows it; 0 if it does not say.
    package private(set) var epoch: UInt64

    /// Reads the replies; `nil` if they are none of a cluster, or contradict themselves.
    ///
    /// - Parameter asked: Where the node was reached, which is the host of a node without one.
    package init?(_ slots: RedisReply, info: RedisReply?, askedAt asked: RedisAddress, _ map: AddressMap) {
        guard slots.kind == .array, slots.elements.count <= RedisSlot.count else { return nil }
        epoch = Self.epoch(info)
        var taken = SlotSet()
        let reader = NodeReader(asked: asked, map: map)
        for row in slots.elements {
            var cells = row.elements.makeIterator()
            guard let first = cells.next()?.slot, let last = cells.next()?.slot, first <= last,
                taken.insert(first...last), let primary = cells.next(), primary.kind == .array
            else { return nil }
            add(first...last, reader.facts(primary))
            while let replica = cells.next() { if let facts = reader.facts(replica) { replicas.insert(facts) } }
        }
    }

    private mutating func add(_ slots: ClosedRange<Int>, _ primary: RedisNode.Facts?) {
        ranges.append(Range(slots: slots, primary: primary))
        if primary != nil { _ = covered.insert(slots) }
    }

    private static func epoch(_ info: RedisReply?) -> UInt64 {
        guard let text = info?.error == nil ? info?.string : nil else { return 0 }
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cluster_current_epoch:") }
        return line.flatMap { UInt64($0.drop { $0 != ":" }.dropFirst()) } ?? 0
    }

    /// Whether both say the same about every slot.
    func agrees(with other: SlotView) -> Bool {
        Set(ranges) == Set(other.ranges)
    }

    /// Returns the view to follow: the one of the latest epoch that covers every slot in use, else the one that covers
    /// the most slots. Among equals the one that most nodes share.
    package static func best(of views: [SlotView], for used: SlotSet) -> SlotView? {
        let whole = views.filter { used.isSubset(of: $0.covered) }
        let candidates = whole.isEmpty ? views : whole
        func rank(_ view: SlotView) -> (UInt64, Int, Int) {
            let agreement = views.count { $0.agrees(with: view) }
            let coverage = view.covered.count
            return whole.isEmpty ? (UInt64(coverage), 0, agreement) : (view.epoch, coverage, agreement)
        }
        return candidates.map { (rank($0), $0) }.max { $0.0 < $1.0 }?.1
    }
}

/// Reads the nodes in a reply to CLUSTER SLOTS: host, port, name, and pairs of more names.
private struct NodeReader {
    let asked: RedisAddress
    let map: AddressMap

    /// Returns what is told of a node; `nil` if that does not say where it is.
    func facts(_ reply: RedisReply) -> RedisNode.Facts? {
        var cells = reply.elements.makeIterator()
        guard let host = cells.next(), let port = cells.next()?.integer else { return nil }
        let id = cells.next()?.string
        let more = cells.next().map(Self.pairs) ?? [:]
        guard let told = address(host, port) else { return nil }
        let address = map.map(told)
        let name = more["hostname"]
        let others = more.values.compactMap { RedisAddress(toldHost: $0, port: port).map(map.map) }
        return RedisNode.Facts(
            id: id?.isEmpty == false ? id : nil, address: address,
            certificateName: told == address && address.isNumeric ? name : nil,
            aliases: Set(others + [told]).filter { $0 != address }.sorted { "\($0)" < "\($1)" })
    }

    /// An empty host is the one that was asked; `?` is unknown.
    private func address(_ host: RedisReply, _ port: Int) -> RedisAddress? {
        let text = host.string ?? ""
        return RedisAddress(toldHost: text.isEmpty ? asked.host ?? "" : text, port: port)
    }

    private static func pairs(_ reply: RedisReply) -> [String: String] {
        let texts = reply.elements.map { $0.string ?? "" }
        let pairs = stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
        return Dictionary(pairs.filter { ["hostname", "ip"].contains($0.0) && !$0.1.isEmpty }) { $1 }
    }
}

extension RedisReply {
    /// The number of a slot.
    fileprivate var slot: Int? {
        guard kind == .integer, let integer, (0..<RedisSlot.count).contains(integer) else { return nil }
        return integer
    }
}
