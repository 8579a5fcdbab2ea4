// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerOperations
import StreamBroker

/// Prints what a command found, in the form that was asked for.
package struct ReportOutput: Sendable {
    /// The forms of output.
    package enum Form: Sendable, Hashable {
        /// Columns, for people.
        case columns
        /// Lines with tabs, for programs.
        case lines
        /// One JSON value.
        case json
    }

    /// The form that was asked for.
    package let form: Form
    /// Whether notes are printed.
    let isTalkative: Bool
    /// Whether marks have colours.
    package let isColored: Bool

    /// Chooses the form: columns only on a terminal, colours only where they are wanted.
    package init(_ options: GlobalOptions, isTerminal: Bool, variables: [String: String]) {
        form = options.json ? .json : options.plain || !isTerminal ? .lines : .columns
        isTalkative = !options.quiet
        let refuses = variables["NO_COLOR"].map { !$0.isEmpty } ?? false
        isColored = form == .columns && !options.noColor && !refuses && variables["TERM"] != "dumb"
    }

    /// Prints a report: as JSON, or as its tables with an empty line between them.
    func print(_ report: some Encodable, _ tables: [Table]) throws {
        switch form {
        case .json: try StandardOutput.print(Self.json(report))
        case .columns: try StandardOutput.print(tables.map(\.columns).joined(separator: "\n\n"))
        case .lines: try StandardOutput.print(tables.map(\.lines).joined(separator: "\n\n"))
        }
    }

    /// Prints a sentence for people on standard error.
    func note(_ text: String) {
        if isTalkative { StandardOutput.printError(text) }
    }

    /// A report as JSON in one line. Invisible characters are escaped: they stand in texts only.
    package static func json(_ report: some Encodable) throws -> String {
        let text = try JSONMessageCodec().encode(report).string
        if text.unicodeScalars.allSatisfy(\.isPlainlyVisible) { return text }
        return text.unicodeScalars.map { scalar in
            if scalar.isPlainlyVisible { return String(scalar) }
            return String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }.joined()
    }
}
