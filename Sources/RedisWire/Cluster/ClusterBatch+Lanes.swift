// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Lanes of what is sent again.
extension ClusterBatch {
    mutating func putBack(
        _ write: ClusterWrite, _ refused: [(ClusterPiece, ClusterLane.Reason)], at now: NIODeadline, _ chance: Double
    ) {
        var byLane: [ClusterPiece.Lane: [(piece: ClusterPiece, reason: ClusterLane.Reason)]] = [:]
        for (piece, reason) in refused { byLane[piece.lane, default: []].append((piece, reason)) }
        for lane in Set(write.pieces.map(\.lane)) {
            let back = byLane[lane] ?? []
            guard lanes[lane] != nil || !back.isEmpty else { continue }
            var state = lanes[lane] ?? ClusterLane()
            state.putBack(back)
            state.plan(at: now, chance: chance)
            lanes[lane] = state.queue.isEmpty ? nil : state
        }
    }

    mutating func advance(_ directory: some SlotDirectory, at now: NIODeadline, _ step: inout Step) {
        shortenWait(at: now)
        var writes = ClusterWrites()
        for lane in lanes.keys.sorted(by: { $0.rank < $1.rank }) {
            guard var state = lanes[lane], !state.isOut else { continue }
            if now >= deadline {
                giveUp(lane, nil)
            } else if state.due ?? now <= now {
                let (pieces, target) = state.takeNext()
                lanes[lane] = state
                for piece in pieces { add(piece, to: target, directory, &writes) }
            }
        }
        enter(writes, &step)
        finish(&step)
    }

    private mutating func add(
        _ piece: ClusterPiece, to target: ClusterLane.Target, _ directory: some SlotDirectory,
        _ writes: inout ClusterWrites
    ) {
        switch target {
        case .asked(let node): writes.add(piece, to: node, asking: true) { makeNumber() }
        case .owner(let avoided):
            let owner = directory.node(of: piece.lane)
            if case .primary = piece.lane { return writes.add(piece, to: owner) { makeNumber() } }
            let isAvoided = avoided != nil && (owner == avoided || owner == nil)
            writes.add(piece, to: isAvoided ? nil : owner, avoiding: isAvoided ? avoided : nil) { makeNumber() }
        }
    }

    mutating func enter(_ writes: ClusterWrites, _ step: inout Step) {
        for write in writes.all { self.writes[write.number] = (write, false) }
        step.writes += writes.all
    }

    /// Callers are answered together, so those whose node has answered do not wait for the others as long as those may.
    private mutating func shortenWait(at now: NIODeadline) {
        let isSent = writes.values.contains { $0.isSent }
        guard !hasGrace, !isSent, answers.answered > 0, !answers.isComplete else { return }
        hasGrace = true
        deadline = min(deadline, now + Self.grace)
    }

    mutating func giveUp(_ lane: ClusterPiece.Lane, _ error: RedisError?) {
        guard var state = lanes.removeValue(forKey: lane) else { return }
        for (piece, reason) in state.takeAll() {
            switch reason {
            case .moved(let reply), .ask(let reply, _), .unable(let reply):
                for index in 0..<piece.count { answers.take(piece.positions, index, reply) }
            case .unreachable(let cause, _): answers.fail(piece.positions, error ?? cause)
            }
        }
    }

    mutating func finish(_ step: inout Step) {
        guard !isDone, writes.isEmpty, lanes.isEmpty, answers.isComplete else { return }
        isDone = true
        step.result = answers.result()
    }

    mutating func makeNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }
}

extension SlotDirectory {
    func node(of lane: ClusterPiece.Lane) -> RedisNode? {
        switch lane {
        case .slot(let slot): owner(of: slot)
        case .anyNode: nil
        case .primary(let node): node
        }
    }
}

extension ClusterPiece.Lane {
    /// Slots in their order, so that what is sent does not depend on chance.
    fileprivate var rank: Int {
        switch self {
        case .slot(let slot): slot
        case .anyNode, .primary: RedisSlot.count
        }
    }
}
