// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Keys that nothing reads: each is a problem, with what may be meant.
extension ConfigurationReader {
    /// Ends the reading: every key that was not read is a problem.
    ///
    /// Call it once, after the last key. For the options of a provider the framework calls it.
    public mutating func finish() {
        let unknown = entries.filter { !known.contains($0.key) && !$0.key.hasPrefix("x-") }
        for entry in unknown.prefix(Self.maximumUnknownKeys) {
            report(
                "unknown key \(shown(entry.key))\(path.phrase)\(advice(on: entry.key))",
                at: entry.keyPosition ?? position)
            // The intended key is there, though misspelt, so nothing follows from its absence.
            if let meant = Self.meant(by: entry.key, among: known) {
                record.doubtful.insert(path.appending(meant))
            }
        }
        if let next = unknown.dropFirst(Self.maximumUnknownKeys).first {
            let rest = unknown.count - Self.maximumUnknownKeys
            report("\(rest) more unknown keys\(path.phrase)", at: next.keyPosition ?? position)
        }
    }

    /// Returns the key that a misspelt one means, or one that has its value in it.
    static func meant(by key: String, among known: [String]) -> String? {
        if let colon = ColonWithoutSpace(in: key), known.contains(colon.key) { return colon.key }
        return Suggestion.nearest(to: key, among: known)
    }

    /// A key without a colon, or without a space behind it, contains its value, which may be a secret.
    private func shown(_ key: String) -> String {
        if let colon = ColonWithoutSpace(in: key), colon.isSecret { return "\(colon.key):…".quoted }
        let isSecret = key.contains(" ") && Redaction.speaksOfSecret(key)
        return isSecret ? "\(key.prefix { $0 != " " }) …".quoted : key.quoted
    }

    /// What may be meant by an unknown key: a key of this map, another place, or a key and its value.
    private func advice(on key: String) -> String {
        let suggestion = Suggestion.phrase(for: key, among: known)
        if !suggestion.isEmpty { return suggestion }
        if let colon = ColonWithoutSpace(in: key) { return colon.phrase }
        return ConfigurationKeys.places(ofKey: key).map { "; it stands \($0)" } ?? ""
    }

    /// Further unknown keys of one map are counted and not listed.
    static let maximumUnknownKeys = 100
}
