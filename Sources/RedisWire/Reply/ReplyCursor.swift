// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Goes through values in the order of the wire, into arrays and out of them: for replies of thousands of values.
///
/// It returns where texts lie and makes no ``RedisReply`` for each, which would retain the tape every time.
package struct ReplyCursor {
    /// An array that was entered.
    package struct Opened {
        /// The number of its values.
        package let count: Int
        /// The index of the value behind it; for ``ReplyCursor/leave(_:)``.
        fileprivate let end: Int
    }

    /// The buffer that windows point into.
    package let storage: [UInt8]
    private let tokens: [ReplyToken]
    private var index: Int

    /// Begins at a value. The caller knows how many values there are.
    package init(_ reply: RedisReply) {
        storage = reply.tape.bytes
        tokens = reply.tape.tokens
        index = reply.index
    }

    /// Begins at the first of these values.
    package init(_ replies: RedisReplies) {
        storage = replies.tape.bytes
        tokens = replies.tape.tokens
        index = replies.first
    }

    /// Enters the array that is next; skips anything else and returns `nil`.
    package mutating func enter() -> Opened? {
        let token = tokens[index]
        guard token.kind == .array else {
            index = Int(token.end)
            return nil
        }
        index += 1
        return Opened(count: Int(token.count), end: Int(token.end))
    }

    /// Goes on behind an array, wherever in it the cursor is.
    package mutating func leave(_ array: Opened) {
        index = array.end
    }

    /// Skips the value that is next; returns where its bytes lie, `nil` for an integer, an array or null.
    package mutating func text() -> Range<Int>? {
        let token = tokens[index]
        index = Int(token.end)
        return switch token.kind {
        case .text, .status, .error: token.value..<token.value + Int(token.count)
        case .integer, .array, .null: nil
        }
    }
}
