// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// One value that the server answered: a window on the tape of its batch.
///
/// Copying it copies a reference and a number. It keeps the whole tape alive, as does a window of its bytes.
package struct RedisReply: Sendable {
    /// What a value is.
    package enum Kind: UInt8, Sendable {
        /// A status such as `OK`.
        case status
        /// An error of the server.
        case error
        /// An integer of 64 bits.
        case integer
        /// Bytes.
        case text
        /// Values in order.
        case array
        /// Nothing: an absent text or array.
        case null
    }

    let tape: ReplyTape
    let index: Int

    private var token: ReplyToken { tape.tokens[index] }

    /// What the value is.
    package var kind: Kind { token.kind }

    /// The value of an integer, or of a text that spells one; else `nil`.
    package var integer: Int? {
        switch kind {
        case .integer: token.value
        case .text, .status: Int(string ?? "")
        case .error, .array, .null: nil
        }
    }

    /// The arena that ``window`` points into: the bytes of the whole batch.
    package var storage: [UInt8] { tape.bytes }

    /// Where the bytes of a text, status or error lie in ``storage``; `nil` for everything else.
    package var window: Range<Int>? {
        let token = token
        return switch token.kind {
        case .text, .status, .error: token.value..<token.value + Int(token.count)
        case .integer, .array, .null: nil
        }
    }

    /// The bytes of a text, status or error, copied; `nil` for everything else.
    package var bytes: [UInt8]? { window.map { [UInt8](tape.bytes[$0]) } }

    /// The same as UTF-8, where invalid bytes are replaced by U+FFFD.
    package var string: String? { window.map { String(decoding: tape.bytes[$0], as: UTF8.self) } }

    /// The error, when the server answered one.
    package var error: ServerError? {
        kind == .error ? ServerError(string ?? "") : nil
    }

    /// The elements of an array; none for everything else.
    package var elements: RedisReplies {
        let token = token
        return RedisReplies(tape: tape, first: index + 1, count: token.kind == .array ? Int(token.count) : 0)
    }

    /// Calls `body` with the bytes, none when there are none; they are valid only during the call.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let window = window ?? 0..<0
        return try tape.bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[window])) }
    }
}

extension RedisReply: CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind and the size alone: payloads never reach a log by accident.
    package var description: String { "\(kind) of \(token.count)" }

    /// The same as ``description``.
    package var debugDescription: String { description }
}

/// Values in order: what a batch was answered, or the elements of an array.
///
/// Going through them in order is a step for each; the element at a place is found from the first.
package struct RedisReplies: Sendable, Sequence {
    let tape: ReplyTape
    let first: Int
    /// How many there are.
    package let count: Int

    /// The value at `position`, counted from 0; `nil` beyond the last.
    package subscript(position: Int) -> RedisReply? {
        guard position >= 0, position < count else { return nil }
        var index = first
        for _ in 0..<position { index = Int(tape.tokens[index].end) }
        return RedisReply(tape: tape, index: index)
    }

    /// Goes through the values in order.
    package func makeIterator() -> Iterator {
        Iterator(tape: tape, index: first, left: count)
    }

    /// How many there are, exactly.
    package var underestimatedCount: Int { count }

    /// The position in a walk through the values.
    package struct Iterator: IteratorProtocol {
        let tape: ReplyTape
        var index: Int
        var left: Int

        /// The next value; `nil` after the last.
        package mutating func next() -> RedisReply? {
            guard left > 0 else { return nil }
            left -= 1
            defer { index = Int(tape.tokens[index].end) }
            return RedisReply(tape: tape, index: index)
        }
    }
}
