// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCore
import BrokerOperations
import StreamBroker

/// `streambroker get`: one message.
struct GetCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Shows one message; no group notices it.")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The stream.")
    var stream: String

    @Argument(help: "The id of the message.")
    var id: MessageIDArgument

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        let report = try await operations.message(id.id, of: StreamName(stream), on: options.brokerName)
        try output.print(report, MessageView.tables(report))
    }
}

/// `streambroker tail`: the newest messages, and those that come.
struct TailCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Shows the newest messages of a stream; no group notices it.",
        discussion: "With --follow, --json prints one value for each message.")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The stream.")
    var stream: String

    @Option(name: [.customShort("n"), .customLong("count")], help: "How many messages, from 0 to 10000.")
    var count = 10

    @Flag(help: "Shows what comes, until Ctrl-C.")
    var follow = false

    func validate() throws {
        if !(0...10_000).contains(count) { throw ValidationError("--count takes a number from 0 to 10000") }
    }

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        let stream = StreamName(stream)
        // One is read in any case, to know behind which one to go on.
        let newest = try await operations.newest(max(1, count), of: stream, on: options.brokerName)
        let report = MessagesReport(messages: newest.messages.suffix(count))
        guard follow else {
            let table = MessageView.table(report.messages, isForPeople: output.form == .columns)
            return try output.print(report, [table])
        }
        try output.print(each: report.messages)
        var last = newest.messages.last.flatMap { MessageID($0.id) } ?? .zero
        while true {
            try Task.checkCancellation()
            let page = try await operations.messages(
                after: last, of: stream, on: options.brokerName, wait: .seconds(5))
            try output.print(each: page.messages)
            last = page.messages.last.flatMap { MessageID($0.id) } ?? last
        }
    }
}

/// `streambroker find`: messages that have a text in them.
struct FindCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "find", abstract: "Looks for a text in bodies, keys and headers, and says how far it has looked.",
        discussion: "Exits with 0 when something was found, with 1 when nothing was.")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The stream.")
    var stream: String

    @Argument(help: "The text, in the same case.")
    var text: String

    @Option(help: "The id behind which the search begins.")
    var after: MessageIDArgument?

    @Option(help: "After how many messages that were found it ends.")
    var limit = 20

    @Option(help: "After how many messages that were looked at it ends.")
    var scan = 10_000

    func validate() throws {
        if limit < 1 || scan < 1 { throw ValidationError("--limit and --scan take numbers from 1") }
    }

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        let report = try await operations.find(
            text, in: StreamName(stream), on: options.brokerName, after: after?.id ?? .zero, limit: limit, scan: scan)
        try output.print(report, [MessageView.table(report.messages, isForPeople: output.form == .columns)])
        let reach = report.lastID.map { " up to \($0)" } ?? ""
        let rest =
            report.isComplete ? "the end of the stream" : "not the end: --after \(report.lastID ?? "0-0") goes on"
        output.note("looked at \(report.scanned) messages\(reach), \(rest)")
        if report.messages.isEmpty { throw CommandFailure(ExitCodes.failure) }
    }
}

/// An id of a message: `1700000000000-0`, or only the milliseconds.
struct MessageIDArgument: ExpressibleByArgument, Sendable {
    /// The id.
    var id: MessageID

    init?(argument: String) {
        guard let id = MessageID(argument) else { return nil }
        self.id = id
    }
}

extension ReportOutput {
    /// Prints messages as they come: a line for each, or a JSON value.
    fileprivate func print(each messages: [MessageReport]) throws {
        for message in messages {
            if form == .json {
                try StandardOutput.print(Self.json(message))
            } else {
                let lines = MessageView.table([message], isForPeople: form == .columns).lines
                try StandardOutput.print(
                    String(lines[lines.index(after: lines.firstIndex(of: "\n") ?? lines.startIndex)...]))
            }
        }
    }
}
