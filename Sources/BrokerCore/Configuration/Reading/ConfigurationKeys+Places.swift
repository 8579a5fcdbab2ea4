// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where keys stand, for the advice on a key that stands elsewhere.
extension ConfigurationKeys {
    private static let keysByPlace = Dictionary(
        uniqueKeysWithValues: ConfigurationKey.Place.allCases.map { place in
            (place, Set(all.filter { $0.places.contains(place) }.map { $0.components[0] }))
        })

    /// Returns where a key stands, for the end of a sentence: `in 'defaults' or in a group`; `nil` for no key of the table.
    static func places(ofKey key: String) -> String? {
        guard let row = all.first(where: { $0.components[0] == key }) else {
            return all.first { $0.components.last == key }.map { "in \($0.components[0].quoted)" }
        }
        let words = row.places.map(\.phrase)
        let others = words.dropLast().joined(separator: ", ")
        return others.isEmpty ? words.last : "\(others) or \(words.last ?? "")"
    }

    /// Whether an entry in the place of a name is a key of what should have the name: the name above it is missing.
    ///
    /// Names are free, so a stream may be called `groups`. Then its value is a map of a stream's keys, or empty.
    static func isKey(_ entry: ConfigurationNode.Entry, of place: ConfigurationKey.Place) -> Bool {
        guard let keys = keysByPlace[place], keys.contains(entry.key) else { return false }
        switch entry.node.value {
        case .null: return false
        case .scalar, .list: return true
        case .map(let entries): return !entries.isEmpty && !entries.contains { keys.contains($0.key) }
        }
    }
}

extension ConfigurationKey.Place {
    fileprivate var phrase: String {
        switch self {
        case .top: "at the top"
        case .defaults: "in 'defaults'"
        case .broker, .stream, .group: "in \(article)"
        }
    }

    /// What has a name here, with its article. At the top, that is what an environment changes.
    var article: String {
        switch self {
        case .top: "an environment"
        case .broker: "a broker"
        case .defaults: "the defaults"
        case .stream: "a stream"
        case .group: "a group"
        }
    }

    /// A name for an example.
    var exampleOfName: String {
        switch self {
        case .top: "production"
        case .broker: "events"
        case .defaults: "defaults"
        case .stream: "orders"
        case .group: "billing"
        }
    }
}
