// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The command line of StreamBroker.
///
/// Data goes to standard output, everything else to standard error. Exit codes are those of `sysexits.h`: 64 for wrong
/// usage, 66 for a file that cannot be read, 78 for a configuration that is wrong.
@main struct StreamBrokerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streambroker", abstract: "Checks and shows what brokers.yaml says.", version: "0.1.0",
        subcommands: [ConfigCommand.self])
}

/// The commands about `brokers.yaml`.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Checks and shows a configuration; connects to nothing.",
        subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self])
}
