// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What is sent to one node at once.
package struct ClusterWrite: Sendable {
    /// By which its answer is recognised.
    package let number: Int
    /// The node; `nil` for any that can be reached.
    package let node: RedisNode?
    /// The node that it is not sent to, since that one cannot be reached.
    package let avoided: RedisNode?
    /// Whether the node is told to serve slots that it does not have yet.
    package let isAsking: Bool
    private(set) var pieces: [ClusterPiece]

    /// The number of replies.
    package var replyCount: Int { pieces.reduce(0) { $0 + $1.replyCount(asking: isAsking) } }

    /// The bytes on the wire.
    package var bytes: ByteBuffer {
        if pieces.count == 1, !isAsking, !pieces[0].isTransaction { return pieces[0].bytes }
        var bytes = ByteBuffer()
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.bytes.readableBytes + 32 })
        for piece in pieces { piece.write(to: &bytes, asking: isAsking) }
        return bytes
    }

    /// Whether it goes the same way as another one.
    func goesWith(_ node: RedisNode?, avoiding avoided: RedisNode?, asking: Bool) -> Bool {
        self.node == node && self.avoided == avoided && isAsking == asking
    }

    mutating func add(_ piece: ClusterPiece) {
        pieces.append(piece)
    }
}

/// The writes that one step leads to: one for each node.
struct ClusterWrites: Sendable {
    private(set) var all: [ClusterWrite] = []

    /// Adds a piece to the write that goes its way.
    mutating func add(
        _ piece: ClusterPiece, to node: RedisNode?, avoiding avoided: RedisNode? = nil, asking: Bool = false,
        number: () -> Int
    ) {
        for index in all.indices where all[index].goesWith(node, avoiding: avoided, asking: asking) {
            return all[index].add(piece)
        }
        all.append(ClusterWrite(number: number(), node: node, avoided: avoided, isAsking: asking, pieces: [piece]))
    }
}

/// What became of one command of a write.
enum CommandVerdict: Sendable {
    /// It was answered.
    case answered(RedisReply)
    /// It was refused and did nothing.
    case refused(Refusal, RedisReply)

    /// Whether the command was answered.
    var isAnswer: Bool { if case .answered = self { true } else { false } }

    init(_ reply: RedisReply) {
        if let refusal = reply.error.flatMap({ Refusal($0) }) {
            self = .refused(refusal, reply)
        } else {
            self = .answered(reply)
        }
    }
}

extension ClusterPiece {
    /// Takes the replies to this piece from those to its write; returns what became of its commands one by one, or of
    /// all of them together if it is a transaction that was refused.
    func verdicts(_ replies: inout RedisReplies.Iterator, asking: Bool) -> PieceVerdict {
        if isTransaction { return transactionVerdict(&replies, asking: asking) }
        var verdicts: [CommandVerdict] = []
        verdicts.reserveCapacity(count)
        for _ in 0..<count {
            if asking { _ = replies.next() }
            if let reply = replies.next() { verdicts.append(CommandVerdict(reply)) }
        }
        return .each(verdicts)
    }

    private func transactionVerdict(_ replies: inout RedisReplies.Iterator, asking: Bool) -> PieceVerdict {
        if asking { _ = replies.next() }
        let begin = replies.next()
        let queued = (0..<count).compactMap { _ in replies.next() }
        let end = replies.next()
        // Without MULTI, each command was carried out by itself.
        if begin?.kind == .error { return .each(queued.map { CommandVerdict($0) }) }
        if let end, end.kind == .array, end.elements.count == count {
            return .each(end.elements.map { .answered($0) })
        }
        guard let cause = Refusal.cause(queued: queued, end: end) else { return .each([]) }
        if case .refused(let refusal, _) = CommandVerdict(cause) { return .whole(refusal, cause) }
        return .each(Array(repeating: .answered(cause), count: count))
    }
}

/// What became of a piece. Closed by design.
enum PieceVerdict: Sendable {
    case each([CommandVerdict])
    /// Nothing of it was carried out.
    case whole(Refusal, RedisReply)
}
