// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import BrokerYAML

/// Loads `brokers.yaml`: reads the file, chooses the environment, and checks everything before anything connects.
package enum ConfigurationLoader {
    /// Loads a file for use.
    ///
    /// - Parameters:
    ///   - path: The file; `-` is standard input.
    ///   - environment: The environment; by default that of `STREAMBROKER_ENV`, or none.
    ///   - variables: The values of `${NAME}`.
    ///   - factories: The providers that brokers can name.
    /// - Throws: Every problem at once, in the order of the file.
    package static func load(
        path: String, environment: String? = nil, variables: [String: String] = ProcessVariables.all,
        factories: [any BrokerProviderFactory]
    ) throws(ConfigurationError) -> BrokersConfiguration {
        try inspect(path: path, environment: environment, variables: variables, factories: factories).usable
    }

    /// Reads a file and returns a report on one environment; throws only when the file cannot be read.
    package static func inspect(
        path: String, environment: String?, variables: [String: String], factories: [any BrokerProviderFactory]
    ) throws(ConfigurationError) -> ConfigurationReport {
        let bytes = try ConfigurationFile.read(path)
        return inspect(
            bytes, file: ConfigurationFile.name(of: path), environment: environment, variables: variables,
            factories: factories)
    }

    /// Returns a report on the bytes of a file in one environment; `file` is its name in messages.
    package static func inspect(
        _ bytes: [UInt8], file: String, environment: String?, variables: [String: String],
        factories: [any BrokerProviderFactory]
    ) -> ConfigurationReport {
        let document = YAMLReader.read(bytes, file: file)
        let selection = EnvironmentSelection(asked: environment, variables: variables)
        return report(on: document, selection, variables, factories, unset: .error)
    }

    /// Reads a file and returns a report without an environment, then one on each; throws only when it cannot be read.
    ///
    /// A variable that is not set is a note here, since another environment may set it.
    package static func inspectAll(
        path: String, variables: [String: String], factories: [any BrokerProviderFactory]
    ) throws(ConfigurationError) -> [ConfigurationReport] {
        let bytes = try ConfigurationFile.read(path)
        let document = YAMLReader.read(bytes, file: ConfigurationFile.name(of: path))
        let names = document.root.map(ConfigurationAssembly.environments) ?? []
        let selections = [nil] + names.map { EnvironmentSelection(name: $0, source: "declared") }
        return selections.map { report(on: document, $0, variables, factories, unset: .note) }
    }

    private static func report(
        on document: YAMLDocument, _ selection: EnvironmentSelection?, _ variables: [String: String],
        _ factories: [any BrokerProviderFactory], unset: ConfigurationProblem.Severity
    ) -> ConfigurationReport {
        guard let root = document.root else {
            let problems = document.source.annotate(document.problems)
            return ConfigurationReport(environment: selection?.name, problems: problems)
        }
        var assembly = ConfigurationAssembly(root, factories: factories, variables: variables, unset: unset)
        let result = assembly.assemble(selection)
        return ConfigurationReport(
            environment: selection?.name, problems: document.source.annotate(document.problems + result.problems),
            configuration: result.configuration, environments: ConfigurationAssembly.environments(of: root),
            readings: result.readings, asked: result.asked)
    }
}

/// A report on a file in one environment.
package struct ConfigurationReport: Sendable {
    /// The environment; `nil` is the base file.
    package var environment: String?
    /// The problems and notes, in the order of the file, with its lines.
    package var problems: [ConfigurationProblem]
    /// The configuration as far as it could be read; `nil` when the file is not YAML.
    package var configuration: BrokersConfiguration?
    /// The environments that the file declares, in its order.
    package var environments: [String] = []
    /// Every effective value, with its source.
    package var resolved: ResolvedConfiguration? {
        configuration.map { ResolvedConfiguration($0, readings: readings) }
    }
    /// Every value as it was read, in the order of the file.
    package var readings: [ConfigurationReading] = []
    /// Every key that was looked up, written or not.
    package var asked: [ConfigurationPath] = []

    /// The problems that stop a program.
    package var errors: [ConfigurationProblem] { problems.filter { $0.severity == .error } }

    /// The configuration, or every error.
    package var usable: BrokersConfiguration {
        get throws(ConfigurationError) {
            guard errors.isEmpty, let configuration else { throw ConfigurationError(errors) }
            return configuration
        }
    }
}
