// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCore
import BrokerOperations
import StreamBroker

/// `streambroker lag`: how far each group is behind.
struct LagCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "lag", abstract: "Shows how far each group is behind, the farthest first.")

    @OptionGroup var options: GlobalOptions

    @Flag(help: "Looks again and again, and shows how the lags change, until Ctrl-C.")
    var watch = false

    @Option(help: "How long to wait between two looks.")
    var interval = DurationArgument(seconds: 2)

    func run(_ operations: Operations, _ output: ReportOutput) async throws {
        var report = try await operations.lag(on: options.brokerName)
        guard watch else { return try output.print(report, [GroupView.table(report.groups)]) }
        var trend = LagTrend(since: nil, elapsed: .zero)
        while true {
            if output.form == .columns { try StandardOutput.print("\u{1B}[H\u{1B}[2J", terminated: false) }
            try output.print(report, [GroupView.table(report.groups, trend)])
            let start = ContinuousClock.now
            try await Task.sleep(for: interval.duration)
            let next = try await operations.lag(on: options.brokerName)
            trend = LagTrend(since: report, elapsed: ContinuousClock.now - start)
            report = next
        }
    }
}
