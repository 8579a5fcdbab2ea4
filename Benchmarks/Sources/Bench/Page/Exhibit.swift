// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A block of the page: which results it shows, and how.
struct Exhibit: Sendable {
    /// Which numbers there are for each result.
    enum Content: Sendable {
        /// Ours, in the column of this name.
        case alone(String)
        /// What ours is held against and ours, in the columns of these names.
        case beside(String, ours: String)
        /// The processor time of client and server of both.
        case processorTime(of: String, ours: String)

        static let besideYardstick = beside("yardstick", ours: "StreamBroker")
    }

    struct Row: Sendable {
        var label: String
        var result: String
        var isCharted = true
    }

    /// What its markers in the page and its chart are called.
    var name: String
    var title: String
    var unit = Measure.Unit.messagesPerSecond
    var content: Content
    var rows: [Row]
    /// A sentence behind them, of another number.
    var note: (@Sendable (Report) throws -> String)?

    /// These results of a report.
    func figure(of report: Report) throws -> Figure {
        let lines = try rows.map { row in
            let values = try values(of: row.result, in: report)
            return Figure.Line(label: row.label, values: values, isCharted: row.isCharted)
        }
        return Figure(title: title, unit: unit, series: series, lines: lines)
    }

    private var series: [Figure.Series] {
        switch content {
        case .alone(let label): [.init(label: label, paint: .ours, bar: 0)]
        case .beside(let other, let ours):
            [.init(label: other, paint: .yardstick, bar: 0), .init(label: ours, paint: .ours, bar: 1)]
        case .processorTime(let other, let ours):
            [
                .init(label: "\(other), client", paint: .yardstick, bar: 0),
                .init(label: "\(other), server", paint: .yardstickMore, bar: 0),
                .init(label: "\(ours), client", paint: .ours, bar: 1),
                .init(label: "\(ours), server", paint: .oursMore, bar: 1),
            ]
        }
    }

    /// The names of the results of ours that belong to a row.
    private func numbers(of result: String) -> [String] {
        switch content {
        case .alone, .beside: [result]
        case .processorTime: ["\(result), client", "\(result), server"]
        }
    }

    private func values(of result: String, in report: Report) throws -> [Double?] {
        // Not every system can measure everything: allocations are counted on Linux only.
        guard report.results.contains(where: { $0.unit == unit }) else { return series.map { _ in nil } }
        let ours = try numbers(of: result).map { try report[$0] }
        if case .alone = content { return ours.map(\.median) }
        return try ours.map { try report.yardstick(of: $0).median } + ours.map(\.median)
    }
}
