// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A typed name: the compiler tells names of different kinds apart.
public protocol BrokerNameType: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The name as written.
    var text: String { get }
    /// Makes a name without a check. Names are checked where they are declared.
    init(_ text: String)
}

extension BrokerNameType {
    /// The name as written.
    public var description: String { text }

    /// Makes a name from a literal, without a check.
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

    /// Makes a name without a check. Names are checked where they are declared.
    public init(_ text: String) {
        self.text = text
    }

    /// The stream for messages of this stream that could not be handled, unless the configuration names another one.
    ///
    /// For `orders` it is `{orders}:dead`. The braces are a hash tag, so that both streams are in one slot of a
    /// cluster. A name that has a tag keeps it.
    public var deadLetters: StreamName {
        StreamName((text.contains("{") ? text : "{\(text)}") + Self.deadLetterEnding)
    }

    /// How the names of dead-letter streams end by default.
    package static let deadLetterEnding = ":dead"

    /// Whether the name is one of a dead-letter stream by default.
    package var isNamedForDeadLetters: Bool { text.hasSuffix(Self.deadLetterEnding) }

    /// The streams whose dead letters this stream holds by default: those of `{orders}:dead` may be those of `orders`,
    /// and of `{orders}`.
    package var deadLetterOrigins: [StreamName] {
        guard isNamedForDeadLetters else { return [] }
        let origin = text.dropLast(Self.deadLetterEnding.count)
        return [String(origin), String(origin.dropFirst().dropLast())].map { StreamName($0) }
            .filter { $0.deadLetters == self }
    }

    /// Whether the name belongs to the framework, such as that of a reply stream. Such a name contains a `~`, which
    /// names in a configuration never do.
    ///
    /// Such a stream is created by its first subscription. Publishing to it does not create it, and fails with
    /// ``BrokerError/Code/undeclaredStream`` once it is deleted.
    public var isReserved: Bool { text.utf8.contains(UInt8(ascii: "~")) }
}

/// The name of a group of consumers that share the messages of a stream.
public struct GroupName: BrokerNameType {
    /// The name as written.
    public let text: String

    /// Makes a name without a check. Names are checked where they are declared.
    public init(_ text: String) {
        self.text = text
    }
}

/// The name of one consumer in a group. It is unique among all processes.
public struct ConsumerName: BrokerNameType {
    /// The name as written.
    public let text: String

    /// Makes a name without a check.
    public init(_ text: String) {
        self.text = text
    }
}

/// The name of a broker in the configuration.
public struct BrokerName: BrokerNameType {
    /// The name as written.
    public let text: String

    /// Makes a name without a check. Names are checked where they are declared.
    public init(_ text: String) {
        self.text = text
    }
}
