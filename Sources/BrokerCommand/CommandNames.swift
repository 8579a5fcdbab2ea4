// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import ArgumentParser
import StreamBroker

/// Finds a misspelt command before the arguments are parsed: the parser would call it an unexpected argument.
enum CommandNames {
    /// Throws if an argument stands where a command is expected, and no command has its name.
    static func check(_ arguments: some Sequence<String>, of root: any ParsableCommand.Type) throws {
        var command = root
        var path = root.configuration.commandName ?? ""
        for argument in arguments {
            let subcommands = command.configuration.subcommands
            if subcommands.isEmpty || argument.hasPrefix("-") || argument == "help" { return }
            guard let subcommand = subcommands.first(where: { $0.configuration.commandName == argument }) else {
                throw unknown(argument, of: path, among: subcommands.compactMap { $0.configuration.commandName })
            }
            command = subcommand
            path += " \(argument)"
        }
    }

    private static func unknown(_ argument: String, of path: String, among names: [String]) -> ValidationError {
        let suggestion = Suggestion.phrase(for: argument, among: names)
        let advice = suggestion.isEmpty ? "; its commands are \(Suggestion.list(names))" : suggestion
        return ValidationError("'\(path)' has no command \(argument.quoted)\(advice)")
    }
}
