// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The place of a value in a configuration: the keys that lead to it from the top.
public struct ConfigurationPath: Sendable, Hashable {
    /// The keys, the outermost first; empty for the top of the file.
    public var components: [String]

    /// The top of the file.
    public static let top = ConfigurationPath([])

    /// Makes a path of keys. A key may contain dots.
    public init(_ components: [String]) {
        self.components = components
    }

    /// Returns the path of a key below this one.
    public func appending(_ key: String) -> ConfigurationPath {
        ConfigurationPath(components + [key])
    }

    /// Returns the path of keys below this one.
    package func appending(_ keys: [String]) -> ConfigurationPath {
        ConfigurationPath(components + keys)
    }

    /// ` in brokers.events` for the end of a sentence, or ` at the top` if the path is empty.
    package var phrase: String {
        components.isEmpty ? " at the top" : " in \(self)"
    }
}

extension ConfigurationPath: CustomStringConvertible {
    /// The keys joined by dots, with invisible characters escaped: `brokers.events`.
    public var description: String {
        components.map(\.visible).joined(separator: ".")
    }
}

extension ConfigurationPath: ExpressibleByArrayLiteral, ExpressibleByStringLiteral {
    /// Makes a path of keys.
    public init(arrayLiteral elements: String...) {
        self.init(elements)
    }

    /// Makes a path from keys that are separated by dots.
    public init(stringLiteral value: String) {
        self.init(value.split(separator: ".").map(String.init))
    }
}

/// A position in a file.
public struct SourcePosition: Sendable, Hashable {
    /// The name of the file as the user gave it.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column in characters, from 1.
    public var column: Int
    /// How many characters it spans on its line, at least 1. Each gets a caret.
    public var length: Int

    /// Makes a position.
    public init(file: String, line: Int, column: Int, length: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
        self.length = length
    }
}

extension SourcePosition: CustomStringConvertible {
    /// `brokers.yaml:17:5`.
    public var description: String { "\(file):\(line):\(column)" }
}
