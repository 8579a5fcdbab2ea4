// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StreamBroker

/// The command line of StreamBroker.
///
/// Data goes to standard output, everything else to standard error. The exit codes are those of `sysexits.h`: 64 for
/// wrong usage, 66 for a file that cannot be read, 74 for a failure of standard output, 78 for a wrong configuration.
@main struct StreamBrokerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streambroker", abstract: "Checks and shows what brokers.yaml says.", version: "0.1.0",
        subcommands: [ConfigCommand.self])

    static func main() {
        do {
            try CommandNames.check(CommandLine.arguments.dropFirst(), of: Self.self)
            var command = try parseAsRoot()
            try command.run()
        } catch {
            exit(withError: ExitCode(conclude(error)))
        }
    }

    /// Prints why the command ends, and returns its exit code. Help and version are data.
    private static func conclude(_ error: any Error) -> Int32 {
        if error is StandardOutput.Failure {
            StandardOutput.printError("error: \(error)")
            return StandardOutput.Failure.exitCode
        }
        let (text, code) = (fullMessage(for: error), exitCode(for: error))
        if text.isEmpty { return code.rawValue }
        guard code.isSuccess else {
            StandardOutput.printError(text)
            return code.rawValue
        }
        do {
            try StandardOutput.print(text)
            return code.rawValue
        } catch {
            return conclude(error)
        }
    }
}
