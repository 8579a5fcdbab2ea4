// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Reads one map of a configuration key by key and collects its problems.
///
/// Each method reads one key and returns its value, its default, or `nil`. A value that cannot be used becomes a
/// problem with its position, and reading goes on, so that one run finds all problems of a file. A key that is never
/// read is an unknown key. Keys that begin with `x-` are ignored.
///
///     let limit = options.integer("limit", in: 1...1_000_000, default: 10_000)
///     let password = options.secret("password")
///     options.section("tls") { tls in
///         …
///     }
public struct ConfigurationReader {
    /// The map.
    public let node: ConfigurationNode
    /// The path of the map, such as `brokers.events`.
    public let path: ConfigurationPath
    /// The position of the map: that of its key, or of its first character.
    public let position: SourcePosition?
    /// What was recorded so far, of this map and of the maps below it.
    package var record = ConfigurationRecord()

    let entries: [ConfigurationNode.Entry]
    var known: [String]

    /// The problems so far.
    public var problems: [ConfigurationProblem] { record.problems }

    /// Makes a reader of a map. An empty value counts as an empty map, and any other value is a problem.
    public init(_ node: ConfigurationNode, path: ConfigurationPath, position: SourcePosition? = nil) {
        self.node = node
        self.path = path
        self.position = position ?? node.position
        known = []
        entries = node.entries ?? []
        if let problem = node.origin.problem { record.problems.append(problem) }
        if node.entries == nil, !node.isNull, !node.origin.isUnusable {
            let name = path.components.isEmpty ? "the file" : "'\(path)'"
            let key = path.components.last ?? ""
            let found = Self.description(of: node, at: key)
            let cure = ColonWithoutSpace(in: node.scalar ?? "") ?? ColonWithoutSpace(in: key)
            record.doubtful.insert(path)
            report("\(name) takes a map; found \(found)\(cure?.phrase ?? "")", at: node.position)
        }
    }

    /// Reports a problem of the map or of one of its keys. For factories, whose options may have rules of their own.
    public mutating func report(_ message: String, key: String? = nil) {
        let entry = key.flatMap { key in entries.first { $0.key == key } }
        if let key { record.doubtful.insert(path.appending(key)) }
        report(message, at: entry.map { $0.node.position ?? $0.keyPosition } ?? position)
    }

    /// Reports a problem.
    package mutating func report(_ message: String, at position: SourcePosition?) {
        record.problems.append(ConfigurationProblem(message, at: position))
    }

    /// Reports each of these keys that is missing or has no value.
    public mutating func require(_ keys: String...) {
        guard node.entries != nil || node.isNull else { return }
        for key in keys where entry(key) == nil {
            known.append(key)
            record.doubtful.insert(path.appending(key))
            let silent = entries.first { $0.key == key }
            let misspelt = entries.first { $0.key != key && Self.meant(by: $0.key, among: [key]) != nil }
            if misspelt == nil { report("'\(key)' is missing\(path.phrase)", at: silent?.keyPosition ?? position) }
        }
    }

    /// Marks keys as known, because other code reads them.
    package mutating func leave(_ keys: [String]) {
        known += keys
        record.asked += keys.map(path.appending)
    }

    /// Returns whether the map has the key with a value.
    public func contains(_ key: String) -> Bool { entry(key) != nil }

    /// Returns the entry of a key and marks the key as known; `nil` if it is missing or has no value.
    mutating func take(_ key: String) -> ConfigurationNode.Entry? {
        known.append(key)
        record.asked.append(path.appending(key))
        guard let entry = entry(key) else { return nil }
        record.positions[path.appending(key)] = entry.node.scalar == nil ? entry.keyPosition : entry.node.position
        if entry.node.origin.isUnusable {
            if let problem = entry.node.origin.problem { record.problems.append(problem) }
            record.doubtful.insert(path.appending(key))
            return nil
        }
        return entry
    }

    private func entry(_ key: String) -> ConfigurationNode.Entry? {
        entries.first { $0.key == key && !$0.node.isNull }
    }
}

/// What a reader recorded besides the values that it returned.
package struct ConfigurationRecord: Sendable {
    /// What is wrong.
    package var problems: [ConfigurationProblem] = []
    /// Every known value, in the order of reading.
    package var readings: [ConfigurationReading] = []
    /// Every key that was read, present or not.
    package var asked: [ConfigurationPath] = []
    /// The position of each key that is present.
    package var positions: [ConfigurationPath: SourcePosition] = [:]
    /// The variables that texts came from, by text.
    package var variables: [String: String] = [:]
    /// Keys whose value could not be used, so that nothing follows from them.
    package var doubtful: Set<ConfigurationPath> = []

    /// Adds what another reader recorded.
    package mutating func merge(_ other: ConfigurationRecord) {
        problems += other.problems
        readings += other.readings
        asked += other.asked
        positions.merge(other.positions) { first, _ in first }
        variables.merge(other.variables) { first, _ in first }
        doubtful.formUnion(other.doubtful)
    }
}

/// One value of a configuration, and where it comes from.
package struct ConfigurationReading: Sendable, Hashable {
    /// The path of the value.
    package var path: ConfigurationPath
    /// The value as text, with secrets redacted.
    package var text: String
    /// The position; `nil` for a default, and for a value that was built in code.
    package var position: SourcePosition?
    /// The origin; `nil` for a default.
    package var origin: ConfigurationOrigin?

    /// Makes a reading.
    package init(
        path: ConfigurationPath, text: String, position: SourcePosition? = nil, origin: ConfigurationOrigin? = nil
    ) {
        self.path = path
        self.text = text
        self.position = position
        self.origin = origin
    }
}
