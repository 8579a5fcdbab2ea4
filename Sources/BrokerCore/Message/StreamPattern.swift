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

/// Which streams a handler consumes: one by name, or all that match a pattern.
public enum StreamSelection: Sendable, Hashable {
    /// One stream.
    case stream(StreamName)
    /// Every stream whose name matches, those that exist and those that appear.
    case pattern(StreamPattern)

    /// Reads a name, or a pattern when the text has a `*`.
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

    /// Whether a stream of this name is consumed.
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
