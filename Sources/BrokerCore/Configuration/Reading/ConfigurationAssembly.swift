// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Makes a configuration from the tree of a file: overlay, variables, keys, options of providers, checks.
package struct ConfigurationAssembly {
    /// The result.
    package struct Result: Sendable {
        /// The configuration, as far as it could be read. Use it only if no problem is an error.
        package var configuration: BrokersConfiguration
        /// The problems, in no particular order.
        package var problems: [ConfigurationProblem]
        /// Every value that was read, and every default.
        package var readings: [ConfigurationReading]
        /// Every key that was read, present or not.
        package var asked: [ConfigurationPath] = []
    }

    private let root: ConfigurationNode
    private let factories: [any BrokerProviderFactory]
    private let variables: [String: String]
    private let unset: ConfigurationProblem.Severity
    private var problems: [ConfigurationProblem] = []

    /// Makes an assembly. With `unset: .note`, variables that are not set are notes and no errors.
    package init(
        _ root: ConfigurationNode, factories: [any BrokerProviderFactory], variables: [String: String],
        unset: ConfigurationProblem.Severity = .error
    ) {
        self.root = root
        self.factories = factories
        self.variables = variables
        self.unset = unset
    }

    /// Returns the names of the environments, in the order of the file.
    package static func environments(of root: ConfigurationNode) -> [String] {
        root["environments"]?.entries?.map(\.key) ?? []
    }

    /// Reads the file as it applies to an environment.
    package mutating func assemble(_ selection: EnvironmentSelection?) -> Result {
        guard !root.isNull else {
            return failure("no brokers are declared: the file is empty")
        }
        let environments = readEnvironments()
        if let selection, environments[selection.name] == nil {
            return failure(unknown(selection, among: Self.environments(of: root)))
        }
        let base = root.withoutKey("environments")
        let declared = DeclaredEnvironments(
            base: base,
            overlays: Self.environments(of: root).compactMap { name in environments[name].map { (name, $0) } })
        var tree = base
        if let selection, let overlay = environments[selection.name] {
            tree = EnvironmentOverlay(name: selection.name).apply(overlay, to: tree)
        }
        tree = VariableExpansion(variables: variables, unset: unset).expand(tree)
        var result = read(tree, environment: selection?.name)
        result.configuration.environments = declared
        return result
    }

    private mutating func read(_ tree: ConfigurationNode, environment: String?) -> Result {
        var reader = BrokersConfigurationReader(tree)
        let configuration = reader.read(environment: environment)
        var record = reader.record
        // A file without brokers has only this one problem: all others would follow from it.
        let isReadable = tree["brokers"]?.entries != nil
        if isReadable {
            let providers = ProviderOptionsCheck(factories: factories).run(configuration, into: &record)
            var check = ConfigurationCheck(configuration, promises: providers, doubtful: record.doubtful)
            check.run()
            record.problems += check.problems
        }
        return Result(
            configuration: configuration, problems: problems + record.problems, readings: record.readings,
            asked: record.asked)
    }

    /// Returns the overlays by name. An overlay that is no map is a problem.
    private mutating func readEnvironments() -> [String: ConfigurationNode] {
        guard root.entries != nil else { return [:] }
        var reader = ConfigurationReader(root, path: .top)
        var overlays: [String: ConfigurationNode] = [:]
        _ = reader.names("environments", of: .top) { name, reader -> Void? in
            for entry in reader.node.entries ?? [] where ["version", "environments"].contains(entry.key) {
                reader.report("'\(entry.key)' cannot change in an environment", at: entry.keyPosition)
            }
            reader.leave(reader.node.entries?.map(\.key) ?? [])
            overlays[name] = reader.node.isNull ? .empty : reader.node.withoutKey("version")
            return nil
        }
        problems += reader.problems
        return overlays
    }

    private func unknown(_ selection: EnvironmentSelection, among names: [String]) -> String {
        let suggestion = Suggestion.phrase(for: selection.name, among: names)
        let listed = names.isEmpty ? "; the file declares none" : "; declared: \(Suggestion.list(names))"
        return "unknown environment \(selection.name.quoted), \(selection.source)"
            + (suggestion.isEmpty ? listed : suggestion)
    }

    private func failure(_ message: String) -> Result {
        let place = root.entries?.first { $0.key == "environments" }?.keyPosition ?? root.position
        let problem = ConfigurationProblem(message, at: place)
        return Result(configuration: BrokersConfiguration(brokers: []), problems: problems + [problem], readings: [])
    }
}

extension ConfigurationNode {
    /// Returns the same map without a key.
    fileprivate func withoutKey(_ key: String) -> ConfigurationNode {
        guard let entries else { return self }
        var node = self
        node.value = .map(entries.filter { $0.key != key })
        return node
    }
}
