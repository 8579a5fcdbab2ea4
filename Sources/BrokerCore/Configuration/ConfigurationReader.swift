// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Reads one map of a configuration key by key and collects what is wrong with it.
public struct ConfigurationReader {
    /// The map.
    public let node: ConfigurationNode
    /// The dotted path of the map: `brokers.events`.
    public let path: String
    /// What was found wrong so far.
    public private(set) var problems: [ConfigurationProblem] = []

    /// Begins to read a map.
    public init(_ node: ConfigurationNode, path: String) {
        self.node = node
        self.path = path
    }
}
