// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StreamBroker

/// `streambroker config check`: says everything that is wrong with a file.
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
