// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StreamBroker

/// The commands about `brokers.yaml`.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Checks and shows a configuration; connects to nothing.",
        subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self])
}

/// `streambroker config check`: prints every problem of a file.
struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Says everything that is wrong with a configuration.",
        discussion: "Exits with 0 when it can be used, 78 when it cannot, 66 when it cannot be read.")

    @OptionGroup var input: ConfigurationInput

    @Flag(help: "Checks the base file and every environment; a variable that is not set is a note.")
    var all = false

    @Flag(help: "Prints the result as JSON.")
    var json = false

    func validate() throws {
        if all, input.environment != nil { throw ValidationError("--env and --all exclude each other") }
    }

    func run() throws {
        let reports = try readReports()
        let problems = ReportPrinter.distinct(reports.flatMap(\.problems))
        let isUsable = reports.allSatisfy(\.errors.isEmpty)
        if json {
            try StandardOutput.print(ReportJSON.check(file: input.file, reports: reports, problems: problems))
        } else {
            ReportPrinter.print(problems)
            let name = ConfigurationFile.name(of: input.file)
            if isUsable { try StandardOutput.print(ReportPrinter.summary(file: name, reports: reports)) }
        }
        if !isUsable { throw ExitCode(78) }
    }

    private func readReports() throws -> [ConfigurationReport] {
        try ReportPrinter.orExit(json: json) { () throws(ConfigurationError) in
            if all { try input.inspectAll() } else { [try input.inspect()] }
        }
    }
}

/// `streambroker config show`: prints every effective value, and its source.
struct ConfigShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows every value that holds, and who said it; secrets are redacted.",
        discussion: "Exits with 0, with 78 when the configuration cannot be used, 66 when it cannot be read.")

    @OptionGroup var input: ConfigurationInput

    @Flag(help: "Shows effective values: overlays laid, variables expanded, defaults filled in. Required for now.")
    var resolved = false

    @Flag(help: "Prints the values as JSON.")
    var json = false

    func validate() throws {
        if !resolved { throw ValidationError("write --resolved; there is no other view") }
    }

    func run() throws {
        let report = try ReportPrinter.orExit(json: json) { () throws(ConfigurationError) in
            try input.inspect()
        }
        guard report.errors.isEmpty, let values = report.resolved?.values else {
            ReportPrinter.print(report.problems)
            throw ExitCode(78)
        }
        try StandardOutput.print(json ? ReportJSON.show(report, values) : ReportPrinter.table(values))
    }
}

/// The file and the environment of a command.
struct ConfigurationInput: ParsableArguments {
    @Argument(help: "The file; - is standard input.")
    var file = "brokers.yaml"

    @Option(name: .customLong("env"), help: "The environment; STREAMBROKER_ENV without it, none without either.")
    var environment: String?

    /// Returns a report on the file in the environment.
    func inspect() throws(ConfigurationError) -> ConfigurationReport {
        try ConfigurationLoader.inspect(
            path: file, environment: environment, variables: ProcessVariables.all, factories: BuiltInProviders.factories
        )
    }

    /// Returns a report on the file without an environment, then one on each.
    func inspectAll() throws(ConfigurationError) -> [ConfigurationReport] {
        try ConfigurationLoader.inspectAll(
            path: file, variables: ProcessVariables.all, factories: BuiltInProviders.factories)
    }
}
