// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A pattern over stream names, in which `*` stands for any number of characters.
///
/// Streams of dead letters (names that end in `:dead`) match only a pattern that says so itself; so do streams of the
/// framework's own (names with a `~`), which no pattern in a configuration does.
public struct StreamPattern: Sendable, Hashable {
    /// The pattern as written.
    public let text: String

    /// Takes a pattern as it is; where it is declared, its spelling is checked.
    public init(_ text: String) {
        self.text = text
    }

    /// Whether `stream` matches; linear in the product of both lengths at worst. Allocates nothing.
    public func matches(_ stream: StreamName) -> Bool {
        guard Self.match(stream.text.utf8, text.utf8) else { return false }
        if stream.isNamedForDeadLetters && !text.hasSuffix(StreamName.deadLetterEnding) { return false }
        return !stream.isReserved || StreamName(text).isReserved
    }

    /// Greedy matching that falls back to the last `*`.
    private static func match(_ name: String.UTF8View, _ pattern: String.UTF8View) -> Bool {
        let star = UInt8(ascii: "*")
        var position = name.startIndex
        var wanted = pattern.startIndex
        var retry: (position: String.Index, wanted: String.Index)?
        while position < name.endIndex {
            if wanted < pattern.endIndex, pattern[wanted] == star {
                pattern.formIndex(after: &wanted)
                retry = (position, wanted)
            } else if wanted < pattern.endIndex, pattern[wanted] == name[position] {
                name.formIndex(after: &position)
                pattern.formIndex(after: &wanted)
            } else if let last = retry {
                position = name.index(after: last.position)
                wanted = last.wanted
                retry?.position = position
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy { $0 == star }
    }
}
