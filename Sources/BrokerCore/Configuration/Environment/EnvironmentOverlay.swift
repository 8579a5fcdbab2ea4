// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The environment that applies, and what chose it.
package struct EnvironmentSelection: Sendable, Hashable {
    /// The name.
    package var name: String
    /// What chose it, for messages: `--env`, `STREAMBROKER_ENV`.
    package var source: String

    /// The variable that chooses the environment if the caller does not.
    package static let variable = "STREAMBROKER_ENV"

    /// Takes the name that was asked for, else the value of the variable. An empty text counts as missing.
    package init?(asked name: String?, variables: [String: String]) {
        if let name, !name.isEmpty {
            self.init(name: name, source: "asked for")
        } else if let name = variables[Self.variable], !name.isEmpty {
            self.init(name: name, source: "chosen by \(Self.variable)")
        } else {
            return nil
        }
    }

    /// Makes a selection.
    package init(name: String, source: String) {
        self.name = name
        self.source = source
    }
}

/// Applies the overlay of an environment to the base: maps are merged deeply, lists are replaced, `null` deletes.
package struct EnvironmentOverlay {
    /// The name of the environment, which becomes the origin of all its values.
    package let name: String

    /// Makes an overlay.
    package init(name: String) {
        self.name = name
    }

    /// Returns the base with the overlay applied.
    package func apply(_ overlay: ConfigurationNode, to base: ConfigurationNode) -> ConfigurationNode {
        merge(overlay, over: base, at: .top)
    }

    private func merge(
        _ overlay: ConfigurationNode, over base: ConfigurationNode?, at path: ConfigurationPath
    ) -> ConfigurationNode {
        guard let additions = overlay.entries else { return marked(overlay) }
        var result = marked(overlay)
        if let position = base?.position { result.position = position }
        var entries = replacesProvider(overlay, of: base, at: path) ? [] : base?.entries ?? []
        for addition in additions {
            let index = entries.firstIndex { $0.key == addition.key }
            if addition.node.isNull {
                if let index { entries.remove(at: index) }
                continue
            }
            var entry = addition
            let place = path.appending(addition.key)
            entry.node = merge(addition.node, over: index.map { entries[$0].node }, at: place)
            if let index { entries[index] = entry } else { entries.append(entry) }
        }
        result.value = .map(entries)
        return result
    }

    /// An overlay that changes the provider drops the options of the base: they mean nothing to another provider.
    private func replacesProvider(
        _ overlay: ConfigurationNode, of base: ConfigurationNode?, at path: ConfigurationPath
    ) -> Bool {
        guard path.components.count == 2, path.components[0] == "brokers", let new = overlay["provider"]?.scalar
        else { return false }
        return new != base?["provider"]?.scalar
    }

    private func marked(_ node: ConfigurationNode) -> ConfigurationNode {
        var node = node
        node.origin.environment = name
        switch node.value {
        case .null, .scalar: break
        case .list(let nodes): node.value = .list(nodes.map(marked))
        case .map(let entries):
            node.value = .map(
                entries.map { entry in
                    var entry = entry
                    entry.node = marked(entry.node)
                    return entry
                })
        }
        return node
    }
}
