// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What a YAML file holds: its tree, what is wrong with it, and its lines.
package struct YAMLDocument: Sendable {
    /// The tree; `nil` when the file could not be read to its end, and nothing more should be concluded from it.
    package var root: ConfigurationNode?
    /// What is wrong with it as YAML.
    package var problems: [ConfigurationProblem]
    /// The lines, for excerpts.
    package var source: ConfigurationSource

    /// Makes a document.
    package init(root: ConfigurationNode?, problems: [ConfigurationProblem], source: ConfigurationSource) {
        self.root = root
        self.problems = problems
        self.source = source
    }
}
