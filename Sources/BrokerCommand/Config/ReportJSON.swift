// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker

/// Turns reports into JSON for programs. `schemaVersion` grows when a key changes its meaning.
enum ReportJSON {
    /// The output of `config check --json`.
    static func check(file: String, reports: [ConfigurationReport], problems: [ConfigurationProblem]) -> String {
        object([
            ("schemaVersion", "1"), ("file", string(file)),
            ("usable", "\(reports.allSatisfy(\.errors.isEmpty))"),
            ("environments", array(reports.map { $0.environment.map(string) ?? "null" })),
            ("problems", array(problems.map(problem))),
        ])
    }

    /// The output of `config show --json`.
    static func show(_ report: ConfigurationReport, _ values: [ConfigurationReading]) -> String {
        object([
            ("schemaVersion", "1"), ("environment", report.environment.map(string) ?? "null"),
            ("values", array(values.map(value))),
        ])
    }

    /// The output of both when the file cannot be read.
    static func failure(_ error: ConfigurationError) -> String {
        object([
            ("schemaVersion", "1"), ("usable", "false"), ("problems", array(error.problems.map(problem))),
        ])
    }

    private static func problem(_ problem: ConfigurationProblem) -> String {
        object(
            place(problem.position) + [
                ("severity", string(problem.severity.rawValue)), ("message", string(problem.message)),
            ])
    }

    private static func value(_ value: ConfigurationReading) -> String {
        let kind = value.origin == nil ? "default" : "file"
        let source =
            [("kind", string(kind))] + place(value.position) + [
                ("environment", value.origin?.environment.map(string) ?? "null"),
                ("variables", array((value.origin?.variables ?? []).map(string))),
            ]
        return object([
            ("key", string("\(value.path)")), ("path", array(value.path.components.map(string))),
            ("value", string(value.text)), ("source", object(source)),
        ])
    }

    private static func place(_ position: SourcePosition?) -> [(String, String)] {
        guard let position else { return [] }
        return [("file", string(position.file)), ("line", "\(position.line)"), ("column", "\(position.column)")]
    }

    private static func object(_ members: [(String, String)]) -> String {
        "{\(members.map { "\(string($0)):\($1)" }.joined(separator: ","))}"
    }

    private static func array(_ elements: [String]) -> String {
        "[\(elements.joined(separator: ","))]"
    }

    /// Text in quotes. Characters that mean something else to JSON or to a terminal are escaped.
    private static func string(_ text: String) -> String {
        var result = "\""
        for unit in text.unicodeScalars {
            switch unit {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where unit.isPlainlyVisible: result.unicodeScalars.append(unit)
            default: result += String(unit).utf16.map(escape).joined()
            }
        }
        return result + "\""
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
