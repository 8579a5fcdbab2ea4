// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCore
import BrokerOperations
import StreamBroker

/// The commands about groups.
struct GroupsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups", abstract: "Shows groups.",
        subcommands: [GroupsListCommand.self, GroupsInfoCommand.self])
}

/// `streambroker groups ls`: the groups of a stream, or all.
struct GroupsListCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists the groups of a stream, or of all streams, and says which are missing.")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The stream; every stream without it.")
    var stream: String?

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        let report = try await operations.groups(of: stream.map { StreamName($0) }, on: options.brokerName)
        var table = GroupView.table(report.groups)
        table.titles.append("STATE")
        for (row, group) in report.groups.enumerated() { table.rows[row].append(.text(group.state)) }
        try output.print(report, [table])
    }
}

/// `streambroker groups info`: one group.
struct GroupsInfoCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Shows a group, and the handler that has been running longest.")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The stream.")
    var stream: String

    @Argument(help: "The group.")
    var group: String

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        let report = try await operations.group(GroupName(group), of: StreamName(stream), on: options.brokerName)
        let handler = Table(
            ["HANDLER", "MESSAGE", "RUNNING"],
            report.oldestHandlerMessage.map { message in
                [
                    [
                        .text(report.oldestHandlerConsumer ?? "-"), .text(message),
                        .milliseconds(report.group.oldestHandlerMilliseconds),
                    ]
                ]
            } ?? [])
        try output.print(report, [GroupView.table([report.group])] + (handler.rows.isEmpty ? [] : [handler]))
    }
}

extension GroupReport {
    /// Its state in a word.
    fileprivate var state: String {
        exists ? isDeclared ? "declared" : "undeclared" : "missing"
    }
}
