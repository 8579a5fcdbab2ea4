// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationReader {
    /// Reads a map below this one. A missing map is read as an empty one, so that its defaults apply.
    ///
    /// - Parameters:
    ///   - key: The key of the map.
    ///   - read: Reads the keys of the map. A key that it does not read is an unknown key.
    /// - Returns: The result of `read`.
    public mutating func section<Result>(
        _ key: String, _ read: (inout ConfigurationReader) throws -> Result
    ) rethrows -> Result {
        let entry = take(key)
        var inner = ConfigurationReader(
            entry?.node ?? .empty, path: path.appending(key), position: entry?.keyPosition ?? position)
        let result = try read(&inner)
        inner.finish()
        record.merge(inner.record)
        return result
    }

    /// Reads a list of texts. Returns `nil` if it is missing.
    public mutating func list(_ key: String) -> [String]? {
        guard let entry = take(key) else { return nil }
        guard case .list(let nodes) = entry.node.value else {
            refuse(key, .list, entry.node)
            return nil
        }
        var texts: [String] = []
        for node in nodes {
            if node.origin.isUnusable {
                if let problem = node.origin.problem { record.problems.append(problem) }
            } else if let text = node.scalar {
                texts.append(text)
            } else {
                let found = Self.description(of: node, at: key)
                report("'\(key)'\(path.phrase) takes a list of texts; found \(found) in it", at: node.position)
            }
        }
        return texts
    }

    /// Reads a map whose keys are names, in the order of the file.
    ///
    /// Each value is a map of its own, or empty. A name may begin with `x-`.
    ///
    /// - Parameters:
    ///   - key: The key of the map.
    ///   - read: Reads the map of one name. If it returns `nil`, the name is left out.
    /// - Returns: The results of `read`.
    public mutating func names<Result>(
        _ key: String, _ read: (_ name: String, inout ConfigurationReader) throws -> Result?
    ) rethrows -> [Result] {
        try names(key, of: nil, read)
    }

    /// Reads a map whose keys are names, with the keys of a place of the file below each name.
    package mutating func names<Result>(
        _ key: String, of place: ConfigurationKey.Place?,
        _ read: (_ name: String, inout ConfigurationReader) throws -> Result?
    ) rethrows -> [Result] {
        guard let entry = take(key) else { return [] }
        guard let entries = entry.node.entries else {
            refuse(key, .map, entry.node)
            return []
        }
        var results: [Result] = []
        for entry in place.map({ reportKeys(of: $0, amongNames: entries, in: key) }) ?? entries {
            let path = path.appending(key).appending(entry.key)
            record.positions[path] = entry.keyPosition ?? entry.node.position
            var inner = ConfigurationReader(entry.node, path: path, position: entry.keyPosition)
            if let result = try read(entry.key, &inner) { results.append(result) }
            inner.finish()
            record.merge(inner.record)
        }
        return results
    }
    /// Reports keys that stand where names are expected, since the name above them was forgotten; returns the others,
    /// without those that follow from it.
    private mutating func reportKeys(
        of place: ConfigurationKey.Place, amongNames entries: [ConfigurationNode.Entry], in key: String
    ) -> [ConfigurationNode.Entry] {
        let keys = entries.filter { ConfigurationKeys.isKey($0, of: place) }
        if keys.isEmpty { return entries }
        record.doubtful.insert(path.appending(key))
        for entry in keys {
            let example = path.appending([key, place.exampleOfName, entry.key])
            report(
                "expected the name of \(place.article), found the key \(entry.key.quoted); write it below a name, as in "
                    + "\(example.description.quoted)",
                at: entry.keyPosition ?? position)
        }
        return entries.filter { !ConfigurationKeys.isKey($0, of: place) && ($0.node.entries != nil || $0.node.isNull) }
    }
}
