// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What is to be said of a file as it is in one environment.
package struct ConfigurationReport: Sendable {
    /// The environment; `nil` is the base file.
    package var environment: String?
    /// What is wrong or worth knowing, in the order of the file, with its lines.
    package var problems: [ConfigurationProblem]
    /// The configuration as far as it could be read; `nil` when it is not YAML.
    package var configuration: BrokersConfiguration?
    /// Every value that holds, with who said it.
    package var resolved: ResolvedConfiguration? {
        configuration.map { ResolvedConfiguration($0, readings: readings) }
    }
    /// Every value as it was read, place by place.
    package var readings: [ConfigurationReading] = []
    /// Every key that was asked for, written or not.
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
