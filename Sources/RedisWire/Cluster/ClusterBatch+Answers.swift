// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What becomes of writes.
extension ClusterBatch {
    /// Takes the answer to a write.
    ///
    /// - Parameters:
    ///   - result: The replies, or why there are none: not sent if nothing was applied.
    ///   - node: Which node it was sent to.
    ///   - chance: A number from 0 to 1 drawn at random.
    package mutating func take(
        _ number: Int, _ result: Result<RedisReplies, RedisError>, from node: RedisNode?,
        _ directory: some SlotDirectory, at now: NIODeadline, chance: Double
    ) -> Step {
        var step = Step()
        guard let write = writes.removeValue(forKey: number)?.write else { return step }
        switch result {
        case .success(let replies):
            if isPlain, !replies.hasErrors {
                isDone = true
                step.carriedOut = write.pieces.compactMap(\.lane.slot)
                step.result = .success(replies)
                return step
            }
            isPlain = false
            let refused = read(write, replies, from: node, directory, &step)
            putBack(write, refused, at: now, chance)
        case .failure(let error) where error.canBeSentAgain:
            step.isDoubtful = true
            putBack(write, write.pieces.map { ($0, .unreachable(error, node)) }, at: now, chance)
        case .failure(let error):
            step.isDoubtful = true
            for piece in write.pieces { answers.fail(piece.positions, error) }
            putBack(write, [], at: now, chance)
        }
        advance(directory, at: now, &step)
        return step
    }

    /// Sends what has waited long enough, and gives up what has waited too long.
    package mutating func wake(_ directory: some SlotDirectory, at now: NIODeadline) -> Step {
        var step = Step()
        if now >= deadline {
            for (number, entry) in writes where !entry.isSent {
                writes[number] = nil
                for piece in entry.write.pieces { answers.fail(piece.positions, .noNodeInTime) }
                for piece in entry.write.pieces { lanes[piece.lane]?.isOut = false }
            }
        }
        advance(directory, at: now, &step)
        return step
    }

    /// Gives up everything that is not sent: the connections are closed.
    package mutating func close(_ error: RedisError, _ directory: some SlotDirectory) -> Step {
        deadline = .uptimeNanoseconds(0)
        for (number, entry) in writes where !entry.isSent {
            writes[number] = nil
            for piece in entry.write.pieces { answers.fail(piece.positions, error) }
        }
        var step = Step()
        for lane in lanes.keys { giveUp(lane, error) }
        finish(&step)
        return step
    }

    private mutating func read(
        _ write: ClusterWrite, _ replies: RedisReplies, from node: RedisNode?, _ directory: some SlotDirectory,
        _ step: inout Step
    ) -> [(ClusterPiece, ClusterLane.Reason)] {
        var rest = replies.makeIterator()
        var refused: [(ClusterPiece, ClusterLane.Reason)] = []
        for piece in write.pieces {
            switch piece.verdicts(&rest, asking: write.isAsking) {
            case .whole(let refusal, let reply):
                refused.append((piece, reason(refusal, reply, piece, node, directory, &step)))
            case .each(let verdicts):
                if let slot = piece.lane.slot, verdicts.contains(where: \.isAnswer) { step.carriedOut.append(slot) }
                var commands: [ByteBuffer]?
                for (index, verdict) in verdicts.enumerated() {
                    switch verdict {
                    case .answered(let reply): answers.take(piece.positions, index, reply)
                    case .refused(let refusal, let reply):
                        let all = commands ?? CommandFrames.commands(in: piece.bytes)
                        commands = all
                        let one = ClusterPiece(
                            lane: piece.lane, positions: piece.positions.single(index), bytes: all[index])
                        refused.append((one, reason(refusal, reply, one, node, directory, &step)))
                    }
                }
            }
        }
        return refused
    }

    private func reason(
        _ refusal: Refusal, _ reply: RedisReply, _ piece: ClusterPiece, _ node: RedisNode?,
        _ directory: some SlotDirectory, _ step: inout Step
    ) -> ClusterLane.Reason {
        switch refusal {
        case .unable(let isDoubtful):
            step.isDoubtful = step.isDoubtful || isDoubtful
            if piece.lane == .anyNode { return .unreachable(RedisError(reply.error ?? ServerError("")), node) }
            return .unable(reply)
        case .redirected(let redirection):
            // Without the slot that was asked for, it is nonsense.
            guard case .slot(redirection.slot) = piece.lane, let target = directory.note(redirection, by: node) else {
                step.isDoubtful = true
                return .unable(reply)
            }
            if target == node { step.displaced = node }
            if redirection.kind == .ask { return .ask(reply, target) }
            step.isDoubtful = true
            return .moved(reply)
        }
    }
}

extension RedisError {
    fileprivate static let noNodeInTime = RedisError(
        .connection, "no node of the cluster that has the slot could be reached within the time of the call")

    /// Whether it says that commands were not sent, and that a later attempt may succeed.
    fileprivate var canBeSentAgain: Bool {
        effect == .notApplied && isRetryable && code != .overloaded
    }
}
