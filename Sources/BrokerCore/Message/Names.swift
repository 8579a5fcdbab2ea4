// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A name that must not be mistaken for another kind of name.
public protocol BrokerNameType: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The name as written.
    var text: String { get }
    /// Takes a name as it is; where it is declared, its spelling is checked.
    init(_ text: String)
}

extension BrokerNameType {
    /// The name as written.
    public var description: String { text }

    /// Takes a literal as it is.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// Compares the names as text.
    public static func < (left: Self, right: Self) -> Bool {
        left.text < right.text
    }
}

/// The name of a stream.
///
/// Letters, digits, `.`, `_`, `:`, `-` and at most one balanced, non-empty `{tag}`; 1 to 128 bytes.
public struct StreamName: BrokerNameType {
    /// The name as written.
    public let text: String

    /// Takes a name as it is; where it is declared, its spelling is checked.
    public init(_ text: String) {
        self.text = text
    }

    /// Where messages of this stream go that could not be handled, unless the configuration names another stream.
    ///
    /// `{orders}:dead` for `orders`: the braces are a hash tag, so that both live in one cluster slot. A name that has
    /// a tag keeps it.
    public var deadLetters: StreamName {
        StreamName((text.contains("{") ? text : "{\(text)}") + Self.deadLetterEnding)
    }

    /// What the names of dead-letter streams end in that nobody named.
    package static let deadLetterEnding = ":dead"

    /// Whether the stream is called like one of dead letters.
    package var isNamedForDeadLetters: Bool { text.hasSuffix(Self.deadLetterEnding) }

    /// Whether the name is one of the framework's own, such as that of a stream of answers: it has a `~`, which no name
    /// in a configuration has.
    ///
    /// Such a stream comes into being when somebody subscribes to it; publishing to it does not create it, and fails
    /// with ``BrokerError/Code/undeclaredStream`` once it is deleted.
    public var isReserved: Bool { text.utf8.contains(UInt8(ascii: "~")) }
}

/// The name of a group of consumers that share the messages of a stream.
public struct GroupName: BrokerNameType {
    /// The name as written.
    public let text: String

    /// Takes a name as it is; where it is declared, its spelling is checked.
    public init(_ text: String) {
        self.text = text
    }
}

/// The name of one consumer within a group; unique among processes.
public struct ConsumerName: BrokerNameType {
    /// The name as written.
    public let text: String

    /// Takes a name as it is.
    public init(_ text: String) {
        self.text = text
    }
}

/// The name of a broker in the configuration.
public struct BrokerName: BrokerNameType {
    /// The name as written.
    public let text: String

    /// Takes a name as it is; where it is declared, its spelling is checked.
    public init(_ text: String) {
        self.text = text
    }
}
