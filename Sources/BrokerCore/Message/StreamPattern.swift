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
