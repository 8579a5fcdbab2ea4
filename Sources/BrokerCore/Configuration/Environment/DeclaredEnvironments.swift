// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The environments that a file declares, and the provider that a broker has in each of them.
package struct DeclaredEnvironments: Sendable {
    /// The provider of a broker in one environment.
    package struct Choice: Sendable, Hashable {
        /// The environment; `nil` is the base of the file.
        package var environment: String?
        /// The broker.
        package var broker: BrokerName
        /// The name of its provider.
        package var provider: String
    }

    /// The names in the order of the file.
    package var names: [String] = []
    /// The providers of every broker: in the base, then in each environment. Providers from variables are left out.
    package var choices: [Choice] = []

    /// Makes a list without environments, as of a configuration that was built in code.
    package init() {}

    /// Reads the base and the overlays of a file, in its order.
    package init(base: ConfigurationNode, overlays: [(name: String, node: ConfigurationNode)]) {
        names = overlays.map(\.name)
        let trees = overlays.map { overlay in
            (overlay.name, EnvironmentOverlay(name: overlay.name).apply(overlay.node, to: base))
        }
        choices = Self.choices(in: nil, base) + trees.flatMap { Self.choices(in: $0, $1) }
    }

    private static func choices(in environment: String?, _ tree: ConfigurationNode) -> [Choice] {
        (tree["brokers"]?.entries ?? []).compactMap { entry in
            guard let provider = entry.node["provider"]?.scalar, !provider.contains("$") else { return nil }
            return Choice(environment: environment, broker: BrokerName(entry.key), provider: provider)
        }
    }
}
