// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StreamBroker

/// Which file a command is about, and in which environment.
struct ConfigurationInput: ParsableArguments {
    @Argument(help: "The file; - is standard input.")
    var file = "brokers.yaml"

    @Option(name: .customLong("env"), help: "The environment; STREAMBROKER_ENV without it, none without either.")
    var environment: String?

    /// Reads the file as it is in the environment.
    func inspect() throws(ConfigurationError) -> ConfigurationReport {
        try ConfigurationLoader.inspect(
            path: file, environment: environment, variables: ProcessVariables.all, factories: BuiltInProviders.factories
        )
    }

    /// Reads the file as it is without an environment and in each.
    func inspectAll() throws(ConfigurationError) -> [ConfigurationReport] {
        try ConfigurationLoader.inspectAll(
            path: file, variables: ProcessVariables.all, factories: BuiltInProviders.factories)
    }
}
