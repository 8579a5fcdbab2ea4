// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A list or map that is not closed yet, with what it holds so far.
struct YAMLOpenNode {
    var isMap: Bool
    var position: SourcePosition
    var anchor: String?
    /// What a list holds.
    var nodes: [ConfigurationNode] = []
    /// What a map holds.
    var entries: [ConfigurationNode.Entry] = []
    /// The line of each key of a map, for telling of a second one.
    var lines: [String: Int] = [:]
    /// The key whose value comes next, and whether it is kept.
    var key: (text: String, position: SourcePosition, isKept: Bool)?
    /// How many nodes it holds, itself included.
    var count = 1
    /// How many levels it has, its own included.
    var levels = 1
}
