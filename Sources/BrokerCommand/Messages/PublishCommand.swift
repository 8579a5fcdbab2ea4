// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCore
import BrokerOperations
import StreamBroker

/// `streambroker publish`: stores messages.
struct PublishCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Stores a message, or one for each line of standard input.",
        discussion: "Prints a result for each message; with --json a value for each. Exits with the code of the first "
            + "message that failed.")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The stream.")
    var stream: String

    @Argument(help: "The body; @FILE is the content of a file, - each line of standard input.")
    var body: String

    @Option(name: [.customShort("H"), .customLong("header")], help: "A header, as name=value. May be repeated.")
    var headers: [HeaderArgument] = []

    @Option(help: "The ordering key.")
    var key: String?

    @Option(help: "The publisher's own id: the message is stored once, however often it is published with it.")
    var id: String?

    @Option(help: "How often the message is stored.")
    var count = 1

    @Option(help: "The most messages in a second.")
    var rate: Int?

    func validate() throws {
        if count < 1 || rate.map({ $0 < 1 }) ?? false {
            throw ValidationError("--count and --rate take numbers from 1")
        }
        if id != nil, count > 1 || body == "-" { throw ValidationError("--id is that of one message") }
        if body == "-", count > 1 { throw ValidationError("--count repeats one message, and - may have many") }
    }

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        let stream = StreamName(stream)
        _ = try operations.broker(of: stream, on: options.brokerName)
        if options.dryRun {
            let entries = body == "-" ? nil : count
            let plan = Plan(
                "publish to '\(stream)'", steps: [Plan.Step("publish", stream.text, entries: entries)], severity: .mild,
                name: stream.text)
            _ = try output.confirm(plan, options)
            return
        }
        var pace = PublishPace(rate: rate)
        var failure: Int32?
        for try await (number, bytes) in try bodies() {
            if let pause = pace.pause(before: number) { try await Task.sleep(for: pause) }
            try Task.checkCancellation()
            let result = await publish(bytes, to: stream, by: operations)
            try output.print(PublishReport(result, number, to: stream))
            if case .failure(let error) = result, failure == nil { failure = ExitCodes.code(of: error) }
        }
        if let failure { throw CommandFailure(failure) }
    }

    private func publish(
        _ body: Result<[UInt8], BrokerError>, to stream: StreamName, by operations: Operations
    ) async -> Result<PublishReceipt, BrokerError> {
        do throws(BrokerError) {
            let list = Headers(headers.map { Headers.Header(name: $0.name, value: Payload($0.value)) })
            let message = Message(Payload(try body.get()), key: key, headers: list)
            return .success(
                try await operations.publish(
                    message, to: stream, on: options.brokerName, id: id.map { DeduplicationID($0) }))
        } catch {
            return .failure(error)
        }
    }
}

extension ReportOutput {
    /// Prints the result of one message: its number, its id, and what became of it.
    fileprivate func print(_ report: PublishReport) throws {
        if form == .json { return try StandardOutput.print(Self.json(report)) }
        let result = report.error.map(\.visible) ?? (report.isDuplicate ? "duplicate" : "stored")
        try StandardOutput.print("\(report.number)\t\(report.id ?? "-")\t\(result)")
    }
}
