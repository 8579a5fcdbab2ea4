// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// How commands that concern several nodes are divided, and how the replies to their parts become one.
enum ClusterParts: Sendable, Hashable {
    /// A read of several streams: each slot its own. What was read is never dropped for the error of another slot.
    case streams(Int)
    /// A copy for each primary: one error makes the whole an error.
    case copies(Int)

    /// The number of parts.
    var count: Int {
        switch self {
        case .streams(let count), .copies(let count): count
        }
    }
}

/// A batch, divided by nodes.
struct ClusterPieces: Sendable {
    /// The pieces in the order of the batch.
    private(set) var pieces: [ClusterPiece] = []
    /// The commands that were divided, by their positions.
    private(set) var parts: [Int: ClusterParts] = [:]

    /// Divides a batch.
    ///
    /// - Parameter primaries: The nodes that have slots.
    init(_ commands: RedisCommands, primaries: () -> [RedisNode]) {
        let runs = commands.routes.runs
        for (index, run) in runs.enumerated() {
            let isLast = index + 1 == runs.count
            let end = isLast ? (commands.count, commands.byteCount) : (runs[index + 1].command, runs[index + 1].byte)
            let start = commands.bytes.readerIndex + run.byte
            let bytes = runs.count == 1 ? commands.bytes : commands.bytes.getSlice(at: start, length: end.1 - run.byte)
            add(run.route, run.command..<end.0, bytes ?? ByteBuffer(), primaries)
        }
        if commands.keepsOrder { joinByLane() }
    }

    private mutating func add(
        _ route: RedisRoute, _ positions: Range<Int>, _ bytes: ByteBuffer, _ primaries: () -> [RedisNode]
    ) {
        switch route {
        case .key(let key): add(.slot(RedisSlot(of: key).number), positions, bytes)
        case .anyNode: add(.anyNode, positions, bytes)
        case .keys(let keys):
            let slots = Set(keys.map { RedisSlot(of: $0).number })
            if slots.count == 1, let slot = slots.first { return add(.slot(slot), positions, bytes) }
            for (position, command) in zip(positions, CommandFrames.commands(in: bytes)) { split(command, position) }
        case .everyPrimary:
            let nodes = primaries()
            for (position, command) in zip(positions, CommandFrames.commands(in: bytes)) {
                parts[position] = .copies(nodes.count)
                for (part, node) in nodes.enumerated() {
                    pieces.append(
                        ClusterPiece(lane: .primary(node), positions: .part(part, of: position), bytes: command))
                }
            }
        }
    }

    private mutating func add(_ lane: ClusterPiece.Lane, _ positions: Range<Int>, _ bytes: ByteBuffer) {
        pieces.append(ClusterPiece(lane: lane, positions: .run(positions), bytes: bytes))
    }

    private mutating func split(_ command: ByteBuffer, _ position: Int) {
        let reads = StreamRead(command)?.bySlot() ?? []
        parts[position] = .streams(reads.count)
        for (part, read) in reads.enumerated() {
            pieces.append(
                ClusterPiece(lane: .slot(read.slot), positions: .part(part, of: position), bytes: read.bytes))
        }
    }

    /// Makes one transaction of the commands of each slot, so that none is applied before an earlier one.
    private mutating func joinByLane() {
        var joined: [ClusterPiece] = []
        var places: [ClusterPiece.Lane: Int] = [:]
        for piece in pieces {
            guard case .slot = piece.lane else {
                joined.append(piece)
                continue
            }
            if let place = places[piece.lane] {
                joined[place] = joined[place].joined(piece)
            } else {
                places[piece.lane] = joined.count
                joined.append(piece)
            }
        }
        pieces = joined.map { piece in
            var piece = piece
            if case .slot = piece.lane { piece.isTransaction = piece.count > 1 }
            return piece
        }
    }
}

extension ClusterPiece {
    /// Returns one piece with the commands of both.
    fileprivate func joined(_ other: ClusterPiece) -> ClusterPiece {
        var bytes = bytes
        bytes.writeImmutableBuffer(other.bytes)
        let list = (0..<count).map { positions[$0] } + (0..<other.count).map { other.positions[$0] }
        return ClusterPiece(lane: lane, positions: .list(list), bytes: bytes)
    }
}
