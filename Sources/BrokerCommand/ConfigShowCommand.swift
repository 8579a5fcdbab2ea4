// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StreamBroker

/// `streambroker config show`: shows every value that holds, and who said it.
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
