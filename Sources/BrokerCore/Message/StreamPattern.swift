// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A pattern of stream names, in which `*` stands for any number of characters.
///
/// Dead-letter streams (names that end in `:dead`) match only a pattern with the same ending. Streams of the framework
/// (names with a `~`) match only a pattern with a `~`, which patterns in a configuration never have.
public struct StreamPattern: Sendable, Hashable {
    /// The pattern as written.
    public let text: String

    /// Makes a pattern without a check. Patterns are checked where they are declared.
    public init(_ text: String) {
        self.text = text
    }

    /// Whether `stream` matches; linear in the product of both lengths at worst.
    public func matches(_ stream: StreamName) -> Bool {
        if stream.isNamedForDeadLetters && !text.hasSuffix(StreamName.deadLetterEnding) { return false }
        if stream.isReserved && !StreamName(text).isReserved { return false }
        return Self.match(Array(stream.text.utf8), Array(text.utf8))
    }

    /// Greedy matching that falls back to the last `*`.
    private static func match(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var position = 0
        var wanted = 0
        var retry: (position: Int, wanted: Int)?
        while position < name.count {
            if wanted < pattern.count, pattern[wanted] == star {
                retry = (position, wanted)
                wanted += 1
            } else if wanted < pattern.count, pattern[wanted] == name[position] {
                position += 1
                wanted += 1
            } else if let last = retry {
                retry = (last.position + 1, last.wanted)
                position = last.position + 1
                wanted = last.wanted + 1
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy { $0 == star }
    }
}

/// The streams that a handler consumes: one by name, or all that match a pattern.
public enum StreamSelection: Sendable, Hashable {
    /// One stream.
    case stream(StreamName)
    /// Every stream whose name matches, including streams that are created later.
    case pattern(StreamPattern)

    /// Makes a selection from a name, or from a pattern if the text has a `*`.
    public init(_ text: String) {
        self = text.contains("*") ? .pattern(StreamPattern(text)) : .stream(StreamName(text))
    }

    /// The name or pattern as written.
    public var text: String {
        switch self {
        case .stream(let name): name.text
        case .pattern(let pattern): pattern.text
        }
    }

    /// Returns whether a stream with this name is consumed.
    public func matches(_ stream: StreamName) -> Bool {
        switch self {
        case .stream(let name): name == stream
        case .pattern(let pattern): pattern.matches(stream)
        }
    }
}

extension StreamSelection: CustomStringConvertible {
    /// The name or pattern as written.
    public var description: String { text }
}
