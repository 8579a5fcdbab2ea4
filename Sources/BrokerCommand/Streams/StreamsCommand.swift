// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCore
import BrokerOperations
import StreamBroker

/// The commands about streams.
struct StreamsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams", abstract: "Shows streams.",
        subcommands: [StreamsListCommand.self, StreamsInfoCommand.self])
}

/// `streambroker streams ls`: the streams that exist.
struct StreamsListCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists the streams that exist, those with dead letters last.")

    @OptionGroup var options: GlobalOptions

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        let report = try await operations.streams(on: options.brokerName)
        let rows = report.streams.map { stream -> [Table.Cell] in
            [
                .text(stream.broker), .text(stream.stream), .number(stream.length), .number(stream.groups),
                .text(stream.holdsDeadLetters ? "dead letters" : "messages"),
            ]
        }
        try output.print(report, [Table(["BROKER", "STREAM", "LENGTH", "GROUPS", "HOLDS"], rows)])
    }
}

/// `streambroker streams info`: one stream with its groups.
struct StreamsInfoCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Shows a stream, its first and last entry, and its groups.")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The stream.")
    var stream: String

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        let report = try await operations.stream(StreamName(stream), on: options.brokerName)
        let facts = Table(
            ["STREAM", "LENGTH", "FIRST", "STORED", "LAST", "STORED"],
            [
                [
                    .text(report.stream.stream), .number(report.stream.length), .text(report.firstID ?? "-"),
                    .text(report.firstStoredAt ?? "-"), .text(report.lastID ?? "-"), .text(report.lastStoredAt ?? "-"),
                ]
            ])
        try output.print(report, [facts, GroupView.table(report.groups)])
    }
}
