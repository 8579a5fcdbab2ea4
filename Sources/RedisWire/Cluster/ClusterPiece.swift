// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Commands of a batch that are sent to one node: the least that is sent again by itself.
struct ClusterPiece: Sendable {
    /// What must stay in order among itself. Closed by design.
    enum Lane: Sendable, Hashable {
        case slot(Int)
        case anyNode
        case primary(RedisNode)

        /// The slot, if it is one.
        var slot: Int? { if case .slot(let slot) = self { slot } else { nil } }
    }

    /// To which commands of the batch the replies belong. Closed by design.
    enum Positions: Sendable, Hashable {
        case run(Range<Int>)
        case list([Int])
        /// One of the parts into which a command was divided.
        case part(Int, of: Int)

        var count: Int {
            switch self {
            case .run(let run): run.count
            case .list(let list): list.count
            case .part: 1
            }
        }

        subscript(index: Int) -> Int {
            switch self {
            case .run(let run): run.lowerBound + index
            case .list(let list): list[index]
            case .part(_, let position): position
            }
        }

        /// The positions one by one.
        func single(_ index: Int) -> Positions {
            if case .part = self { return self }
            return .run(self[index]..<self[index] + 1)
        }
    }

    let lane: Lane
    let positions: Positions
    let bytes: ByteBuffer
    /// Whether all its commands are applied or none, in their order.
    var isTransaction = false

    /// The number of its commands.
    var count: Int { positions.count }

    /// Writes the piece as it is sent.
    ///
    /// - Parameter asking: Whether a node is asked that does not have the slot yet. ASKING holds for one command, or for a
    ///   transaction. A node refuses commands one by one, so a piece that is sent on is one of these.
    func write(to buffer: inout ByteBuffer, asking: Bool) {
        if asking { buffer.writeImmutableBuffer(.asking) }
        if isTransaction { buffer.writeImmutableBuffer(.multi) }
        buffer.writeImmutableBuffer(bytes)
        if isTransaction { buffer.writeImmutableBuffer(.exec) }
    }

    /// The number of replies to what is sent.
    func replyCount(asking: Bool) -> Int { count + (isTransaction ? 2 : 0) + (asking ? 1 : 0) }
}
