// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// One value of a reply: a window on the tape of its batch.
///
/// Copying it copies a reference and a number. It keeps the whole tape alive, as a window of its bytes does.
package struct RedisReply: Sendable {
    /// The kind of a value. Closed by design: RESP2 has no others.
    package enum Kind: UInt8, Sendable {
        /// A status such as `OK`.
        case status
        /// An error.
        case error
        /// An integer of 64 bits.
        case integer
        /// A string of bytes.
        case text
        /// Values in order.
        case array
        /// An absent text or array.
        case null
    }

    let tape: ReplyTape
    let index: Int

    private var token: ReplyToken { tape.tokens[index] }

    /// The kind of the value.
    package var kind: Kind { token.kind }

    /// The value of an integer, or of a text that spells one; else `nil`.
    package var integer: Int? {
        switch kind {
        case .integer: token.value
        case .text, .status: Int(string ?? "")
        case .error, .array, .null: nil
        }
    }

    /// The buffer that ``window`` points into: the bytes of the whole batch.
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

    /// The same bytes as UTF-8; U+FFFD replaces invalid bytes.
    package var string: String? { window.map { String(decoding: tape.bytes[$0], as: UTF8.self) } }

    /// The error, if the value is one: what the server replied, or why there is no reply of its node.
    package var error: ServerError? {
        guard kind == .error else { return nil }
        return tape.failures[index].map { ServerError($0) } ?? ServerError(string ?? "")
    }

    /// The elements of an array; none for everything else.
    package var elements: RedisReplies {
        let token = token
        return RedisReplies(tape: tape, first: index + 1, count: token.kind == .array ? Int(token.count) : 0)
    }

    /// Calls `body` with the bytes of a text, status or error, else with none. They are valid only during the call.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let window = window ?? 0..<0
        return try tape.bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[window])) }
    }
}

extension RedisReply: CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind and the size alone, so that payloads cannot reach a log by accident.
    package var description: String { "\(kind) of \(token.count)" }

    /// The same as ``description``.
    package var debugDescription: String { description }
}

/// Values in order: the replies to a batch, or the elements of an array.
///
/// Iterating takes one step for each value; a subscript counts from the first one.
package struct RedisReplies: Sendable, Sequence {
    let tape: ReplyTape
    let first: Int
    /// The number of values.
    package let count: Int

    /// The value at `position`, counted from 0; `nil` beyond the last.
    package subscript(position: Int) -> RedisReply? {
        guard position >= 0, position < count else { return nil }
        var index = first
        for _ in 0..<position { index = Int(tape.tokens[index].end) }
        return RedisReply(tape: tape, index: index)
    }

    /// Whether a value is an error.
    var hasErrors: Bool {
        var index = first
        for _ in 0..<count {
            if tape.tokens[index].kind == .error { return true }
            index = Int(tape.tokens[index].end)
        }
        return false
    }

    /// Iterates over the values in order.
    package func makeIterator() -> Iterator {
        Iterator(tape: tape, index: first, left: count)
    }

    /// The exact number of values.
    package var underestimatedCount: Int { count }

    /// The position of an iteration.
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
