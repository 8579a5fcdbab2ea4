// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerOperations
import StreamBroker

/// A command that asks brokers something, or changes something there.
protocol OperatorCommand: AsyncParsableCommand {
    /// The options that every such command has.
    var options: GlobalOptions { get }

    /// Does it.
    ///
    /// - Parameters:
    ///   - operations: The brokers that were chosen.
    ///   - output: Where to print.
    func run(_ operations: Operations, _ output: ReportOutput) async throws
}

extension OperatorCommand {
    /// Opens the brokers and runs the command within its time.
    func run() async throws {
        let variables = ProcessVariables.all
        if let limit = options.timeout?.duration {
            Interruption.end(after: limit, code: ExitCodes.tryAgain) {
                StandardOutput.printError("error: no answer within the time that --timeout sets; try again")
            }
        }
        let output = ReportOutput(options, isTerminal: Terminal.showsOutput, variables: variables)
        let registry = try ServerChoice(options, variables: variables).open()
        try await run(Operations(registry), output)
    }
}
