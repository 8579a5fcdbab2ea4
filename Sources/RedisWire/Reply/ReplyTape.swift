// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The replies to a batch, flat: one token for each value in the order of the wire, over one buffer of bytes.
///
/// A reply of a thousand entries is two arrays, not ten thousand objects. A tape never changes.
final class ReplyTape: Sendable {
    let tokens: [ReplyToken]
    let bytes: [UInt8]
    /// Errors of ours in the places of replies that did not come, by their tokens.
    let failures: [Int: RedisError]

    init(tokens: [ReplyToken], bytes: [UInt8], failures: [Int: RedisError] = [:]) {
        self.tokens = tokens
        self.bytes = bytes
        self.failures = failures
    }
}

/// One value of a tape.
struct ReplyToken: Sendable {
    /// The value of an integer; where a text begins in the bytes.
    var value: Int
    /// The number of bytes of a text, or of elements of an array.
    var count: Int32
    /// The index of the token behind this value and everything inside it.
    var end: Int32
    var kind: RedisReply.Kind
}

/// Writes a tape, value by value, within limits.
///
/// A refused value ends the tape; ``refusal`` then says why.
struct TapeBuilder {
    /// An array that lacks elements.
    private struct OpenArray {
        var token: Int
        var missing: Int
    }

    /// How many tokens are reserved for an array at most, whatever length it announces.
    private static let reservation = 1024
    /// Up to this size, the next tape reserves the size of the last one: replies to equal commands are alike.
    private static let largestExpected = (tokens: 16 << 10, bytes: 256 << 10)

    private let limits: ReplyLimits
    private var tokens: [ReplyToken] = []
    private var bytes: [UInt8] = []
    private var open: [OpenArray] = []
    private var lastTape = (tokens: 0, bytes: 0)
    private(set) var refusal: String?

    init(limits: ReplyLimits) {
        self.limits = limits
    }

    /// Whether every array has all its elements.
    var isComplete: Bool { open.isEmpty && !tokens.isEmpty }

    /// Adds an integer.
    mutating func integer(_ value: Int64) -> Bool {
        append(.integer, value: Int(value), count: 0)
    }

    /// Adds a null.
    mutating func null() -> Bool {
        append(.null, value: 0, count: 0)
    }

    /// Adds a status, an error or a text.
    mutating func text(_ kind: RedisReply.Kind, _ text: UnsafeRawBufferPointer) -> Bool {
        if text.count > limits.textBytes { return refuse("a text of \(text.count) bytes") }
        // The same limit as for a line that comes in pieces.
        if kind != .text, text.count > limits.lineBytes {
            return refuse("a line of more than \(limits.lineBytes) bytes")
        }
        let start = bytes.count
        bytes.append(contentsOf: text)
        return append(kind, value: start, count: text.count)
    }

    /// Adds an array, whose elements follow.
    mutating func array(_ count: Int) -> Bool {
        if count > limits.elements { return refuse("an array of \(count) elements") }
        if open.count == ReplyLimits.depth { return refuse("arrays nested deeper than \(ReplyLimits.depth)") }
        if tokens.isEmpty { reserve(min(count + 1, Self.reservation)) }
        let token = tokens.count
        guard add(.array, value: 0, count: count) else { return false }
        if count == 0 {
            close()
        } else {
            open.append(OpenArray(token: token, missing: count))
        }
        return true
    }

    /// Reserves room for a reply that begins with an array.
    private mutating func reserve(_ count: Int) {
        let isLikely = lastTape.tokens <= Self.largestExpected.tokens && lastTape.bytes <= Self.largestExpected.bytes
        tokens.reserveCapacity(isLikely ? max(count, lastTape.tokens) : count)
        if isLikely { bytes.reserveCapacity(lastTape.bytes) }
    }

    /// Refuses the reply for this reason; the first reason stays.
    mutating func refuse(_ what: String) -> Bool {
        if refusal == nil { refusal = what }
        return false
    }

    /// Returns the tape and begins a new one.
    mutating func take() -> ReplyTape {
        let tape = ReplyTape(tokens: tokens, bytes: bytes)
        lastTape = (tokens.count, bytes.count)
        tokens = []
        bytes = []
        return tape
    }

    private mutating func append(_ kind: RedisReply.Kind, value: Int, count: Int) -> Bool {
        guard add(kind, value: value, count: count) else { return false }
        close()
        return true
    }

    private mutating func add(_ kind: RedisReply.Kind, value: Int, count: Int) -> Bool {
        let size = bytes.count + (tokens.count + 1) * MemoryLayout<ReplyToken>.stride
        if size > limits.batchBytes { return refuse("replies of more than \(limits.batchBytes) bytes") }
        tokens.append(ReplyToken(value: value, count: Int32(count), end: Int32(tokens.count + 1), kind: kind))
        return true
    }

    /// Counts the value that was just written, and closes every array that is complete with it.
    private mutating func close() {
        while let last = open.indices.last {
            open[last].missing -= 1
            if open[last].missing > 0 { return }
            tokens[open[last].token].end = Int32(tokens.count)
            open.removeLast()
        }
    }
}
