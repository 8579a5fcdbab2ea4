// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The id of an entry in its stream: the time at which it was stored, and a number within that millisecond. This is the
/// format of Redis.
///
/// The ids of one stream rise. Ids compare as pairs of numbers, never as text.
public struct MessageID: Sendable, Hashable {
    /// The time at which the server stored the entry, in milliseconds since 1970-01-01 00:00 UTC.
    public var milliseconds: UInt64
    /// The number of the entry within its millisecond, from 0.
    public var sequence: UInt64

    /// The smallest id. No entry has it.
    public static let zero = MessageID(milliseconds: 0, sequence: 0)
    /// The largest id.
    public static let maximum = MessageID(milliseconds: .max, sequence: .max)

    /// Makes an id from its two parts.
    public init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// The next larger id; `nil` for ``maximum``.
    public var next: MessageID? {
        if sequence < .max { return MessageID(milliseconds: milliseconds, sequence: sequence + 1) }
        if milliseconds < .max { return MessageID(milliseconds: milliseconds + 1, sequence: 0) }
        return nil
    }
}

extension MessageID: Comparable {
    /// Returns whether the left id is smaller: its entry was stored earlier.
    public static func < (left: MessageID, right: MessageID) -> Bool {
        left.milliseconds == right.milliseconds
            ? left.sequence < right.sequence : left.milliseconds < right.milliseconds
    }
}

extension MessageID: LosslessStringConvertible {
    /// The id as Redis writes it, such as `1700000000000-0`.
    public var description: String { "\(milliseconds)-\(sequence)" }

    /// Reads `milliseconds-sequence`, or `milliseconds` for a sequence of 0. Returns `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let milliseconds = Self.number(first) else { return nil }
        guard parts.count == 2 else {
            self.init(milliseconds: milliseconds, sequence: 0)
            return
        }
        guard let sequence = Self.number(parts[1]) else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    private static func number(_ text: Substring) -> UInt64? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? UInt64(text) : nil
    }
}
