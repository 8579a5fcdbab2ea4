// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a batch was answered, flat: one token for each value, in the order of the wire, over one arena of bytes.
///
/// A reply of a thousand entries is two arrays, not ten thousand objects. It never changes once it has been taken.
final class ReplyTape: Sendable {
    let tokens: [ReplyToken]
    let bytes: [UInt8]

    init(tokens: [ReplyToken], bytes: [UInt8]) {
        self.tokens = tokens
        self.bytes = bytes
    }
}

/// One value of a tape.
struct ReplyToken: Sendable {
    /// An integer's value; where a text begins in the arena.
    var value: Int
    /// How many bytes a text has, or elements an array.
    var count: Int32
    /// Where the next value of the same array begins: behind this one and everything inside it.
    var end: Int32
    var kind: RedisReply.Kind
}

/// Writes a tape, value by value, within limits.
///
/// A value that is refused ends the building; ``refusal`` then says why.
struct TapeBuilder {
    /// An array whose elements are not complete.
    private struct OpenArray {
        var token: Int
        var missing: Int
    }

    /// What an array header may make us reserve, whatever it announces.
    private static let reservation = 1024
    /// The largest tape of which the next one gets the room at once: answers to equal questions are alike.
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
        // A line that came at once is no better than one that came in pieces.
        if kind != .text, text.count > limits.lineBytes {
            return refuse("a line of more than \(limits.lineBytes) bytes")
        }
        let start = bytes.count
        bytes.append(contentsOf: text)
        return append(kind, value: start, count: text.count)
    }

    /// Opens an array; its elements follow.
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

    /// Makes room for an answer that begins with an array.
    private mutating func reserve(_ count: Int) {
        let isLikely = lastTape.tokens <= Self.largestExpected.tokens && lastTape.bytes <= Self.largestExpected.bytes
        tokens.reserveCapacity(isLikely ? max(count, lastTape.tokens) : count)
        if isLikely { bytes.reserveCapacity(lastTape.bytes) }
    }

    /// Refuses the reply for a reason that is not the builder's own.
    mutating func refuse(_ what: String) -> Bool {
        if refusal == nil { refusal = what }
        return false
    }

    /// Hands over what was written and begins a new tape.
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

    /// Counts the value just written, and closes every array of which it was the last.
    private mutating func close() {
        while let last = open.indices.last {
            open[last].missing -= 1
            if open[last].missing > 0 { return }
            tokens[open[last].token].end = Int32(tokens.count)
            open.removeLast()
        }
    }
}
