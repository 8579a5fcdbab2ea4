// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import RedisWire

/// What became of bytes that a server sent.
package struct ReplyOutcome: Sendable, Equatable {
    /// Every reply that was handed over, written again.
    package var replies: [[UInt8]] = []
    /// Whether the bytes were refused in the end.
    package var isRefused = false
    /// How many values there were, and how many bytes they kept.
    package var values = 0
    /// The bytes of the texts that were kept.
    package var kept = 0
    /// Why the bytes were refused, in words that may depend on where they were cut.
    package var reason = ""

    /// Makes an outcome without anything.
    package init() {}

    /// Whether both gave the same replies and the same end.
    package static func == (left: ReplyOutcome, right: ReplyOutcome) -> Bool {
        left.replies == right.replies && left.isRefused == right.isRefused
    }

    /// Reads bytes piece by piece.
    package static func read(_ pieces: [ArraySlice<UInt8>], _ limits: ReplyLimits) -> ReplyOutcome {
        var outcome = ReplyOutcome()
        guard let reader = ReplyReader(limits: limits) else { return outcome }
        do throws(ReplyRefusal) {
            for piece in pieces { try outcome.take(piece, reader) }
        } catch {
            outcome.isRefused = true
            outcome.reason = error.reason
        }
        return outcome
    }

    private mutating func take(_ piece: ArraySlice<UInt8>, _ reader: ReplyReader) throws(ReplyRefusal) {
        // A piece has memory of its own, as what a socket gave.
        let bytes = Array(piece)
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ReplyRefusal) in
                try reader.read(bytes) { () throws(ReplyRefusal) in
                    for reply in reader.take(1) { note(reply) }
                }
            }
        }
        try result.get()
    }

    private mutating func note(_ reply: RedisReply) {
        var wire: [UInt8] = []
        values += Self.write(reply, to: &wire)
        kept += reply.storage.count
        replies.append(wire)
    }

    /// A reply as a server would write it.
    static func wire(of reply: RedisReply) -> [UInt8] {
        var wire: [UInt8] = []
        write(reply, to: &wire)
        return wire
    }

    /// Writes a reply as a server would; returns how many values it has.
    @discardableResult
    static func write(_ reply: RedisReply, to wire: inout [UInt8]) -> Int {
        switch reply.kind {
        case .status: wire += Array("+".utf8) + (reply.bytes ?? []) + Array("\r\n".utf8)
        case .error: wire += Array("-".utf8) + (reply.bytes ?? []) + Array("\r\n".utf8)
        case .integer: wire += Array(":\(reply.integer ?? 0)\r\n".utf8)
        case .null: wire += Array("$-1\r\n".utf8)
        case .text:
            let bytes = reply.bytes ?? []
            wire += Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
        case .array:
            wire += Array("*\(reply.elements.count)\r\n".utf8)
            return reply.elements.reduce(1) { $0 + write($1, to: &wire) }
        }
        return 1
    }
}
