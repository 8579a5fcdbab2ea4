// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A value of a configuration before anybody has said what it means: a neutral tree with positions.
public struct ConfigurationNode: Sendable {
    /// What a node can be. Closed by design: every format that can configure brokers has these and no others.
    public enum Value: Sendable {
        /// Nothing: an empty value, `null` or `~`.
        case null
        /// A scalar; a quoted one is always text.
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
        /// Where the key stands; `nil` when it was built in code.
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

    /// What it is.
    public var value: Value
    /// Where it stands; `nil` when it was built in code.
    public var position: SourcePosition?
    /// Who said it, beside the place; by default the base file.
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

    /// Whether it says nothing.
    package var isNull: Bool {
        guard case .null = value else { return false }
        return true
    }

    /// The value of a key of a map; `nil` when the key is not there or this is no map.
    package subscript(key: String) -> ConfigurationNode? {
        entries?.first { $0.key == key }?.node
    }
}

extension ConfigurationNode: ExpressibleByStringLiteral {
    /// Makes a scalar that is read like one in a file.
    public init(stringLiteral value: String) {
        self.init(.scalar(value, isQuoted: false))
    }
}

/// Who said a value, beside the place where it stands.
public struct ConfigurationOrigin: Sendable, Hashable {
    /// The environment whose overlay said it; `nil` for the base file.
    public var environment: String?
    /// The variables that its text was taken from; such text may be a secret and is never shown.
    public var variables: [String]
    /// Whether the value could not be had, since a variable is not set: reported there, and read as if it were absent.
    package var isUnusable: Bool

    /// Makes an origin; by default the base file, without variables.
    public init(environment: String? = nil, variables: [String] = []) {
        self.environment = environment
        self.variables = variables
        isUnusable = false
    }
}
