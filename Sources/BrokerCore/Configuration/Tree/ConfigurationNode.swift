// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A value of a configuration: a tree with positions, in a form that is independent of the file format.
public struct ConfigurationNode: Sendable {
    /// The kinds of nodes. Closed by design: every format that can configure brokers has exactly these.
    public enum Value: Sendable {
        /// No value: an empty one, `null` or `~`.
        case null
        /// A scalar. A quoted one is always text.
        case scalar(String, isQuoted: Bool)
        /// A list.
        case list([ConfigurationNode])
        /// A map, in the order of the file.
        case map([Entry])
    }

    /// A key of a map and its value.
    public struct Entry: Sendable {
        /// The key.
        public var key: String
        /// The position of the key; `nil` if it was built in code.
        public var keyPosition: SourcePosition?
        /// The value.
        public var node: ConfigurationNode

        /// Makes an entry.
        public init(key: String, keyPosition: SourcePosition? = nil, node: ConfigurationNode) {
            self.key = key
            self.keyPosition = keyPosition
            self.node = node
        }
    }

    /// The value of the node.
    public var value: Value
    /// The position of the node; `nil` if it was built in code.
    public var position: SourcePosition?
    /// The origin of the value; by default the base file.
    public var origin = ConfigurationOrigin()

    /// Makes a node.
    public init(_ value: Value, position: SourcePosition? = nil) {
        self.value = value
        self.position = position
    }
}

extension ConfigurationNode {
    /// A map without entries.
    package static let empty = ConfigurationNode(.map([]))

    /// The entries of a map; `nil` for anything else.
    package var entries: [Entry]? {
        guard case .map(let entries) = value else { return nil }
        return entries
    }

    /// The text of a scalar; `nil` for anything else.
    package var scalar: String? {
        guard case .scalar(let text, _) = value else { return nil }
        return text
    }

    /// Whether there is no value.
    package var isNull: Bool {
        guard case .null = value else { return false }
        return true
    }

    /// The value of a key of a map; `nil` if there is no such key, or if this is no map.
    package subscript(key: String) -> ConfigurationNode? {
        entries?.first { $0.key == key }?.node
    }
}

extension ConfigurationNode: ExpressibleByStringLiteral {
    /// Makes a scalar that is not quoted, as in a file.
    public init(stringLiteral value: String) {
        self.init(.scalar(value, isQuoted: false))
    }
}

/// Where a value comes from, besides its position.
public struct ConfigurationOrigin: Sendable, Hashable {
    /// The environment whose overlay set it; `nil` for the base file.
    public var environment: String?
    /// The variables that its text came from. Such text may be a secret and is never shown.
    public var variables: [String]
    /// Whether the value is unknown. It is read as if it were absent.
    package var isUnusable: Bool
    /// Why the value is unknown, to be reported where it is read; `nil` if that has been reported.
    package var problem: ConfigurationProblem?

    /// Makes an origin. By default it is the base file, without variables.
    public init(environment: String? = nil, variables: [String] = []) {
        self.environment = environment
        self.variables = variables
        isUnusable = false
    }
}
