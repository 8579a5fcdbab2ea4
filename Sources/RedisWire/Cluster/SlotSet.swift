// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A set of slots.
package struct SlotSet: Sendable, Hashable {
    private var words = [UInt64](repeating: 0, count: RedisSlot.count / 64)

    /// Makes an empty set.
    package init() {}

    /// How many slots it has.
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Returns whether it has a slot.
    package func contains(_ slot: Int) -> Bool { words[slot / 64] & Self.bit(slot) != 0 }

    /// Adds a slot.
    package mutating func insert(_ slot: Int) { words[slot / 64] |= Self.bit(slot) }

    /// Adds slots; returns whether none of them was in it.
    package mutating func insert(_ slots: ClosedRange<Int>) -> Bool {
        var isNew = true
        for word in slots.lowerBound / 64...slots.upperBound / 64 {
            let bits = Self.bits(of: slots, in: word)
            if words[word] & bits != 0 { isNew = false }
            words[word] |= bits
        }
        return isNew
    }

    /// Returns whether every slot of this set is in the other one.
    package func isSubset(of other: SlotSet) -> Bool {
        zip(words, other.words).allSatisfy { $0 & ~$1 == 0 }
    }

    private static func bits(of slots: ClosedRange<Int>, in word: Int) -> UInt64 {
        let first = max(0, slots.lowerBound - word * 64)
        let last = min(63, slots.upperBound - word * 64)
        return (UInt64.max << UInt64(first)) & (UInt64.max >> UInt64(63 - last))
    }

    private static func bit(_ slot: Int) -> UInt64 { 1 << UInt64(slot % 64) }
}
