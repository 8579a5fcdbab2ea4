// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The name of an entry in its stream: when it was stored and a number within that millisecond, as Redis has it.
///
/// Ids of one stream rise. They compare as pairs of numbers, never as text.
public struct MessageID: Sendable, Hashable {
    /// When the server stored the entry, in milliseconds since 1970.
    public var milliseconds: UInt64
    /// Tells entries of the same millisecond apart.
    public var sequence: UInt64

    /// The least id; no entry has it.
    public static let zero = MessageID(milliseconds: 0, sequence: 0)
    /// The greatest id.
    public static let maximum = MessageID(milliseconds: .max, sequence: .max)

    /// Makes an id of its two parts.
    public init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// The least id that is greater, or `nil` after ``maximum``.
    public var next: MessageID? {
        if sequence < .max { return MessageID(milliseconds: milliseconds, sequence: sequence + 1) }
        if milliseconds < .max { return MessageID(milliseconds: milliseconds + 1, sequence: 0) }
        return nil
    }
}

extension MessageID: Comparable {
    /// Whether the left was stored before the right.
    public static func < (left: MessageID, right: MessageID) -> Bool {
        left.milliseconds == right.milliseconds
            ? left.sequence < right.sequence : left.milliseconds < right.milliseconds
    }
}

extension MessageID: LosslessStringConvertible {
    /// The id as Redis writes it: `1700000000000-0`.
    public var description: String { "\(milliseconds)-\(sequence)" }

    /// Reads `milliseconds-sequence`, or `milliseconds` alone with the sequence 0; `nil` for anything else.
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
