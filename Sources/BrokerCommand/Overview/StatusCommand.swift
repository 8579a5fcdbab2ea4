// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCore
package import BrokerOperations
import StreamBroker

/// `streambroker status`: everything on one screen.
struct StatusCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows brokers, groups that have something to do, and what needs attention.",
        discussion: "Exits with 0, with 69 when a broker does not answer.")

    @OptionGroup var options: GlobalOptions

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        let report = try await operations.status(on: options.brokerName)
        try output.print(report, StatusView.tables(report, isForPeople: output.form == .columns))
        if !report.isAnswered { throw CommandFailure(ExitCodes.unavailable) }
    }
}

/// A status as tables.
package enum StatusView {
    /// How many groups people are shown.
    private static let groups = 20

    /// Returns the tables of a status.
    ///
    /// - Parameters:
    ///   - report: The status.
    ///   - isForPeople: Whether long lists are cut, and have headings.
    package static func tables(_ report: StatusReport, isForPeople: Bool) -> [Table] {
        let shown = isForPeople ? Array(report.groups.prefix(groups)) : report.groups
        let rest = report.groups.count - shown.count
        var heading = isForPeople ? "Groups with something to do" : nil
        if rest > 0 { heading? += " (the first \(groups); 'streambroker lag' shows \(rest) more)" }
        var groups = GroupView.table(shown)
        groups.heading = heading
        let tables = [brokers(report.brokers), groups, attention(report.attention)]
        return isForPeople ? tables.filter { !$0.rows.isEmpty } : tables
    }

    private static func brokers(_ brokers: [StatusReport.Broker]) -> Table {
        Table(
            ["BROKER", "PROVIDER", "STATUS", "STREAMS", "ENTRIES", "DEAD", "ADDRESS"],
            brokers.map { broker in
                [
                    .text(broker.broker), .text(broker.provider), .text(broker.status), .number(broker.streams),
                    .number(broker.entries), .number(broker.deadLetters), .text(broker.address ?? "-"),
                ]
            })
    }

    private static func attention(_ attention: [StatusReport.Attention]) -> Table {
        Table(
            ["SEVERITY", "WHAT", "NEXT"],
            attention.map { item in
                let arguments = item.next.map(ShellText.quoted).joined(separator: " ")
                return [.text(item.severity.rawValue), .text(item.message), .text("streambroker \(arguments)")]
            }, heading: "Needs attention")
    }
}

/// Texts for a shell.
package enum ShellText {
    /// Returns an argument as a shell takes it.
    package static func quoted(_ argument: String) -> String {
        let isPlain = argument.utf8.allSatisfy { byte in
            UnicodeScalar(byte).properties.isAlphabetic && byte < 128 || (48...57).contains(byte)
                || "-_.:/=@,".utf8.contains(byte)
        }
        return isPlain && !argument.isEmpty ? argument : "'\(argument.replacing("'", with: "'\\''"))'"
    }
}
