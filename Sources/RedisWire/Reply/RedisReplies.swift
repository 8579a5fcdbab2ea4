// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
