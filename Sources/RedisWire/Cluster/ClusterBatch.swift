// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What a batch asks of the map of its cluster.
package protocol SlotDirectory {
    /// The nodes that have slots.
    var primaries: [RedisNode] { get }

    /// Returns the node that has a slot, as far as known.
    func owner(of slot: Int) -> RedisNode?

    /// Notes what a node has said; returns the node that it names, `nil` if it names none.
    func note(_ redirection: Redirection, by node: RedisNode?) -> RedisNode?
}

/// A batch on its way through a cluster, as a pure value: is told what became of each write, and says what to send next
/// until every command has its reply.
///
/// What a node refuses without effect goes where the node says, or waits and goes again, until the time of the call is
/// over; commands of one slot stay in their order. What was sent and not answered is never sent again.
package struct ClusterBatch: Sendable {
    /// How much longer the commands of other nodes wait once a node's own were answered: callers are answered together.
    package static let grace = TimeAmount.milliseconds(300)

    /// What to do next.
    package struct Step: Sendable {
        /// What is sent, each when there is a connection.
        package var writes: [ClusterWrite] = []
        /// Whether the map may be wrong.
        package var isDoubtful = false
        /// The node that has called itself another one: its address leads elsewhere now.
        package var displaced: RedisNode?
        /// The slots of which the write that was answered has carried out something.
        package internal(set) var carriedOut: [Int] = []
        /// The replies in the order of the commands, or why there are none.
        package var result: Result<RedisReplies, RedisError>?
    }

    private let count: Int
    private let isBlocking: Bool
    private var pieces: ClusterPieces
    var answers: ClusterAnswers
    var deadline: NIODeadline
    var hasGrace = false
    /// Whether the replies of the first write are the replies of the batch as they are.
    var isPlain = false
    var writes: [Int: (write: ClusterWrite, isSent: Bool)] = [:]
    var lanes: [ClusterPiece.Lane: ClusterLane] = [:]
    var lastNumber = 0
    /// Whether the result was handed over.
    package internal(set) var isDone = false

    /// Makes a batch.
    ///
    /// - Parameters:
    ///   - deadline: Until when what was refused is sent again.
    ///   - isBlocking: Whether the server was asked to wait before it replies.
    package init(
        _ commands: RedisCommands, until deadline: NIODeadline, isBlocking: Bool, _ directory: some SlotDirectory
    ) {
        count = commands.count
        self.deadline = deadline
        self.isBlocking = isBlocking
        pieces = ClusterPieces(commands) { directory.primaries }
        answers = ClusterAnswers(count: commands.count, parts: pieces.parts)
    }

    /// Begins; returns the first writes.
    package mutating func begin(_ directory: some SlotDirectory) -> Step {
        var step = Step()
        if let error = refusalOfWhole {
            isDone = true
            step.result = .failure(error)
            return step
        }
        var writes = ClusterWrites()
        for piece in pieces.pieces { writes.add(piece, to: directory.node(of: piece.lane)) { makeNumber() } }
        isPlain = writes.all.count == 1 && pieces.parts.isEmpty && pieces.pieces.allSatisfy { !$0.isTransaction }
        enter(writes, &step)
        return step
    }

    /// Why the batch cannot be sent at all.
    private var refusalOfWhole: RedisError? {
        let crosses = RedisError(
            .server, "a read that blocks names streams of one slot",
            serverError: ServerError("CROSSSLOT a read that blocks names streams of one slot"))
        for parts in pieces.parts.values {
            if parts.count == 0 { return RedisError(.connection, "no node of the cluster is known") }
            if isBlocking { return crosses }
        }
        return nil
    }

    /// Whether a write may be sent now. From then on, what is not answered is unknown.
    package mutating func release(_ number: Int) -> Bool {
        guard writes[number] != nil else { return false }
        writes[number]?.isSent = true
        return true
    }

    /// When ``wake(_:at:chance:)`` is to be called; `nil` as long as everything is sent.
    package var nextWake: NIODeadline? {
        let isUnsent = writes.values.contains { !$0.isSent }
        let due = lanes.values.compactMap { $0.isWaiting ? $0.due : nil }.min()
        if due == nil, !isUnsent { return nil }
        return min(due ?? deadline, deadline)
    }
}
