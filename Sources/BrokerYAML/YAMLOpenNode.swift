// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A list or map that is not closed yet, with what it holds so far.
struct YAMLOpenNode {
    var isMap: Bool
    /// Whether a map is written in braces, so that its keys have no column of their own.
    var isFlow = false
    var position: SourcePosition
    var anchor: String?
    /// The elements of a list.
    var nodes: [ConfigurationNode] = []
    /// The entries of a map.
    var entries: [ConfigurationNode.Entry] = []
    /// The line of each key of a map, for the message about a duplicate.
    var lines: [String: Int] = [:]
    /// The key of the next value, and whether the entry is kept.
    var key: (text: String, position: SourcePosition, isKept: Bool)?
    /// How many nodes it has, itself included.
    var count = 1
    /// How many levels it has, its own included.
    var levels = 1

    /// The last key of a map, and where the map's keys begin; `nil` for a list and for a map without keys.
    var neighbour: YAMLSurroundings.Neighbour? {
        let named = key.map { ($0.text, $0.position) } ?? entries.last.map { ($0.key, $0.keyPosition ?? position) }
        guard isMap, !isFlow, let named else { return nil }
        return .init(key: named.0, line: named.1.line, column: position.column - 1)
    }
}
