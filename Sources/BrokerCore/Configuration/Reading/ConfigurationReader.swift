// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Reads one map of a configuration key by key and collects what is wrong with it.
///
/// Each method asks for one key and returns its value, its default, or `nil`; a value that cannot be used is noted as a
/// problem with its position, and reading goes on, so that all problems of a file are found in one run. What was never
/// asked for is an unknown key. Keys that begin with `x-` are ignored.
///
///     let limit = options.integer("limit", in: 1...1_000_000, default: 10_000)
///     let password = options.secret("password")
///     options.section("tls") { tls in
///         …
///     }
public struct ConfigurationReader {
    /// The map.
    public let node: ConfigurationNode
    /// The keys that lead to the map: `brokers.events`.
    public let path: ConfigurationPath
    /// Where the map is announced: its key, or its first character.
    public let position: SourcePosition?
    /// What was noted so far, of this map and of those below.
    package var record = ConfigurationRecord()

    private let entries: [ConfigurationNode.Entry]
    private var known: [String]

    /// What was found wrong so far.
    public var problems: [ConfigurationProblem] { record.problems }

    /// Begins to read a map; anything but a map, or nothing, is a problem.
    public init(_ node: ConfigurationNode, path: ConfigurationPath, position: SourcePosition? = nil) {
        self.node = node
        self.path = path
        self.position = position ?? node.position
        known = []
        entries = node.entries ?? []
        if node.entries == nil, !node.isNull, !node.origin.isUnusable {
            let name = path.components.isEmpty ? "the file" : "'\(path)'"
            let found = Self.description(of: node, at: path.components.last ?? "")
            report("\(name) takes a map; found \(found)", at: node.position)
        }
    }

    /// Notes a problem of the whole map, or of one of its keys, by the author of a provider.
    public mutating func report(_ message: String, key: String? = nil) {
        let entry = key.flatMap { key in entries.first { $0.key == key } }
        if let key { record.doubtful.insert(path.appending(key)) }
        report(message, at: entry.map { $0.node.position ?? $0.keyPosition } ?? position)
    }

    /// Notes a problem.
    package mutating func report(_ message: String, at position: SourcePosition?) {
        record.problems.append(ConfigurationProblem(message, at: position))
    }

    /// Notes every one of these keys that is not written, or says nothing.
    public mutating func require(_ keys: String...) {
        guard node.entries != nil || node.isNull else { return }
        for key in keys where entry(key) == nil {
            known.append(key)
            record.doubtful.insert(path.appending(key))
            let silent = entries.first { $0.key == key }
            let misspelt = entries.first { $0.key != key && Suggestion.nearest(to: $0.key, among: [key]) != nil }
            if misspelt == nil { report("'\(key)' is missing\(path.phrase)", at: silent?.keyPosition ?? position) }
        }
    }

    /// Makes keys known that somebody else reads.
    package mutating func leave(_ keys: [String]) {
        known += keys
        record.asked += keys.map(path.appending)
    }

    /// Whether the key is written with a value.
    public func contains(_ key: String) -> Bool { entry(key) != nil }

    /// The entry of a key, which is known from now on; `nil` when it is not written or says nothing.
    mutating func take(_ key: String) -> ConfigurationNode.Entry? {
        known.append(key)
        record.asked.append(path.appending(key))
        guard let entry = entry(key) else { return nil }
        record.positions[path.appending(key)] = entry.node.scalar == nil ? entry.keyPosition : entry.node.position
        if entry.node.origin.isUnusable {
            record.doubtful.insert(path.appending(key))
            return nil
        }
        return entry
    }

    private func entry(_ key: String) -> ConfigurationNode.Entry? {
        entries.first { $0.key == key && !$0.node.isNull }
    }

    /// Ends the reading: every key that nobody asked for is a problem.
    ///
    /// Called once when everything has been asked; for a provider's options the framework does it.
    public mutating func finish() {
        let unknown = entries.filter { !known.contains($0.key) && !$0.key.hasPrefix("x-") }
        for entry in unknown.prefix(Self.maximumUnknownKeys) {
            let suggestion = Suggestion.phrase(for: entry.key, among: known)
            report("unknown key \(entry.key.quoted)\(path.phrase)\(suggestion)", at: entry.keyPosition ?? position)
            // What was meant is said, though misspelt: nothing may be concluded from its absence.
            if let meant = Suggestion.nearest(to: entry.key, among: known) {
                record.doubtful.insert(path.appending(meant))
            }
        }
        if let next = unknown.dropFirst(Self.maximumUnknownKeys).first {
            let rest = unknown.count - Self.maximumUnknownKeys
            report("\(rest) more unknown keys\(path.phrase)", at: next.keyPosition ?? position)
        }
    }

    /// More unknown keys of one map are counted and not listed.
    static let maximumUnknownKeys = 100
}

/// What a reader noted down while it read, beside the values that it returned.
package struct ConfigurationRecord: Sendable {
    /// What is wrong.
    package var problems: [ConfigurationProblem] = []
    /// Every value that is known, in the order in which it was asked for.
    package var readings: [ConfigurationReading] = []
    /// Every key that was asked for, written or not.
    package var asked: [ConfigurationPath] = []
    /// Where each key stands that is written.
    package var positions: [ConfigurationPath: SourcePosition] = [:]
    /// The variables that texts were taken from, by text.
    package var variables: [String: String] = [:]
    /// Keys whose value could not be used; nothing more is concluded from them.
    package var doubtful: Set<ConfigurationPath> = []

    /// Takes over what another reader noted.
    package mutating func merge(_ other: ConfigurationRecord) {
        problems += other.problems
        readings += other.readings
        asked += other.asked
        positions.merge(other.positions) { first, _ in first }
        variables.merge(other.variables) { first, _ in first }
        doubtful.formUnion(other.doubtful)
    }
}

/// One value that was read from a configuration: what it is and who said it.
package struct ConfigurationReading: Sendable, Hashable {
    /// Where it belongs.
    package var path: ConfigurationPath
    /// The value as text, with secrets redacted.
    package var text: String
    /// Where it stands; `nil` for a default, and for what was built in code.
    package var position: SourcePosition?
    /// Who said it; `nil` for a default.
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
