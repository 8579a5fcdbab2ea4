// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The commands of a batch for one slot that were refused: they are sent again in their order.
struct ClusterLane: Sendable {
    /// How often commands are sent on at once before there is a pause.
    static let hopsWithoutPause = 5
    /// The pauses: the first one, the one to which they double, and the one after twenty of them. A failover ends within
    /// the short ones.
    static let pauses = (
        shortest: TimeAmount.milliseconds(20), usual: TimeAmount.milliseconds(320), longest: TimeAmount.seconds(1)
    )

    /// Why a piece is here.
    enum Reason: Sendable {
        /// The slot has moved; the map knows where.
        case moved(RedisReply)
        /// Another node has the key already.
        case ask(RedisReply, RedisNode)
        /// The node cannot at the moment.
        case unable(RedisReply)
        /// The node could not be reached.
        case unreachable(RedisError, RedisNode?)
    }

    /// What is still to be sent, and why it was not carried out; the first is next.
    private(set) var queue: [(piece: ClusterPiece, reason: Reason)] = []
    /// Whether the first part of it is on its way.
    var isOut = false
    /// When it is sent again; `nil` if that needs no wait.
    private(set) var due: NIODeadline?
    private var hops = 0
    private var pausesSoFar = 0
    /// The node that could not be reached last, until another one names it.
    private var avoided: RedisNode?

    /// Whether it waits for time to pass.
    var isWaiting: Bool { !isOut && due != nil }

    /// Puts pieces that were refused back in front of those that were not sent.
    mutating func putBack(_ refused: [(piece: ClusterPiece, reason: Reason)]) {
        queue = refused + queue
        isOut = false
    }

    /// Decides when the first piece is sent again, from why it was refused.
    mutating func plan(at now: NIODeadline, chance: Double) {
        guard let first = queue.first else { return }
        due = nil
        switch first.reason {
        case .moved, .ask:
            avoided = nil
            hops += 1
            if hops <= Self.hopsWithoutPause { return }
        case .unreachable where hops < Self.hopsWithoutPause && first.piece.lane == .anyNode:
            // There are other nodes.
            hops += 1
            return
        case .unreachable(_, let node): avoided = node
        case .unable: break
        }
        let doubled = min(Self.pauses.usual, Self.pauses.shortest * (1 << min(pausesSoFar, 10)))
        let bound = pausesSoFar < 20 ? doubled : Self.pauses.longest
        pausesSoFar += 1
        due = now + .nanoseconds(Int64(Double(bound.nanoseconds) * (0.5 + 0.5 * chance)))
    }

    /// Takes what is sent now: as much from the front as was told the same.
    mutating func takeNext() -> (pieces: [ClusterPiece], target: Target) {
        due = nil
        isOut = true
        guard let first = queue.first else { return ([], .owner(avoiding: nil)) }
        let target = Target(first.reason, avoiding: avoided)
        let count = queue.firstIndex { !target.includes(Target($0.reason, avoiding: avoided)) } ?? queue.count
        let pieces = queue[..<count].map(\.piece)
        queue.removeFirst(count)
        return (pieces, target)
    }

    /// Takes everything, since it is too late.
    mutating func takeAll() -> [(piece: ClusterPiece, reason: Reason)] {
        defer { queue = [] }
        return queue
    }

    /// Where a piece is sent.
    enum Target: Sendable, Hashable {
        /// To the node that has its slot by now, or to another one if that is the one that could not be reached: it
        /// knows who has the slot.
        case owner(avoiding: RedisNode?)
        /// To this node, which has the key but not yet the slot.
        case asked(RedisNode)

        init(_ reason: Reason, avoiding avoided: RedisNode?) {
            switch reason {
            case .ask(_, let node): self = .asked(node)
            case .unreachable(_, let node): self = .owner(avoiding: node)
            case .moved, .unable: self = .owner(avoiding: avoided)
            }
        }

        /// Whether a piece behind goes along.
        func includes(_ other: Target) -> Bool {
            switch (self, other) {
            case (.asked(let left), .asked(let right)): left == right
            case (.owner, .owner): true
            case (.asked, .owner), (.owner, .asked): false
            }
        }
    }
}
