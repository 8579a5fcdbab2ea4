// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCore
import StreamBroker

/// Turns reports into text for a terminal.
enum ReportPrinter {
    /// Runs `body`; a file that cannot be read ends the command with its exit code.
    static func orExit<Value>(json: Bool, _ body: () throws(ConfigurationError) -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            if json { try StandardOutput.print(ReportJSON.failure(error)) } else { print(error.problems) }
            throw ExitCode(error.exitCode)
        }
    }

    /// The problems of several environments, each once, in the order of the file.
    static func distinct(_ problems: [ConfigurationProblem]) -> [ConfigurationProblem] {
        var seen: Set<ConfigurationProblem> = []
        let once = problems.filter { seen.insert($0).inserted }
        return once.enumerated().sorted { left, right in
            (place(left.element), left.offset) < (place(right.element), right.offset)
        }.map(\.element)
    }

    private static func place(_ problem: ConfigurationProblem) -> Int {
        problem.position.map { $0.line << 32 + $0.column } ?? .max
    }

    /// Prints problems for people.
    static func print(_ problems: [ConfigurationProblem]) {
        for problem in problems { StandardOutput.printError("\(problem)") }
    }

    /// The summary of a file that can be used.
    static func summary(file: String, reports: [ConfigurationReport]) -> String {
        let names = reports.compactMap(\.environment)
        let environments = names.isEmpty ? "" : ", in \(names.joined(separator: ", "))"
        let configuration = reports.first?.configuration
        let brokers = configuration?.brokers.count ?? 0
        let streams = configuration?.streams.count ?? 0
        return "\(file): can be used (brokers: \(brokers), streams: \(streams)\(environments))\(unchecked(reports))"
    }

    /// A file that is checked without an environment may be wrong in each that it declares.
    private static func unchecked(_ reports: [ConfigurationReport]) -> String {
        guard reports.count == 1, let report = reports.first, report.environment == nil, !report.environments.isEmpty
        else { return "" }
        return " without an environment; --all also checks \(Suggestion.list(report.environments))"
    }

    /// One line for each value, with its source as a comment.
    static func table(_ values: [ConfigurationReading]) -> String {
        let lines = values.map { "\($0.path) = \($0.text)" }
        let width = min(lines.map(\.count).max() ?? 0, 64)
        return zip(lines, values).map { line, value in
            line + String(repeating: " ", count: max(1, width - line.count + 2)) + "# \(value.source)"
        }.joined(separator: "\n")
    }
}
