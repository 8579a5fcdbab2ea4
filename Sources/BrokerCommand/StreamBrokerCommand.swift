// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCore
import StreamBroker

/// The command line of StreamBroker.
///
/// Data goes to standard output, everything else to standard error. The exit codes are those of `sysexits.h`:
/// ``ExitCodes`` has them.
@main struct StreamBrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streambroker", abstract: "Shows what brokers hold, and what brokers.yaml says.",
        version: "0.1.0",
        subcommands: [
            StatusCommand.self, LagCommand.self, StreamsCommand.self, GroupsCommand.self,
            GetCommand.self, TailCommand.self, FindCommand.self, PublishCommand.self,
            ConfigCommand.self,
        ])

    static func main() async {
        StandardOutput.claimDescriptors(swallowsData: false)
        let arguments = Array(CommandLine.arguments.dropFirst())
        let code = await Interruption.run { await run(arguments) }
        exit(withError: ExitCode(code))
    }

    /// Parses the arguments, runs the command, and returns its exit code.
    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            try CommandNames.check(arguments, of: Self.self)
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitCodes.success
        } catch {
            return conclude(error)
        }
    }

    /// Prints why the command ends, and returns its exit code. Help and version are data.
    private static func conclude(_ error: any Error) -> Int32 {
        if let ending = ExitCodes.ending(of: error) {
            if let message = ending.message { StandardOutput.printError(message) }
            return ending.code
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
