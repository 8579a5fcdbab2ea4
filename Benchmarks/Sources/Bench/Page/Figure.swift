// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Numbers of one unit, ready to be shown as a table and as a chart.
struct Figure: Sendable {
    /// Numbers of the same kind in all lines.
    struct Series: Sendable {
        var label: String
        /// How the chart paints it.
        var paint: Paint
        /// The numbers of a line that share a bar lie behind each other.
        var bar: Int
    }

    /// What is painted alike in all charts: a part of ours or of the yardstick.
    enum Paint: String, Sendable {
        case ours
        case oursMore = "ours-more"
        case yardstick
        case yardstickMore = "yardstick-more"
    }

    struct Line: Sendable {
        var label: String
        /// One for each series; `nil` where this system cannot measure it.
        var values: [Double?]
        /// Whether the chart has it; a number many times as large as the others would leave them no room.
        var isCharted = true
    }

    var title: String
    var unit: Measure.Unit
    var series: [Series]
    var lines: [Line]

    /// The bars of a line: each is the parts that lie behind each other.
    func bars(of line: Line) -> [[(series: Series, value: Double)]] {
        let parts = zip(series, line.values).compactMap { series, value in value.map { (series: series, value: $0) } }
        return Set(parts.map(\.series.bar)).sorted().map { bar in parts.filter { $0.series.bar == bar } }
    }

    /// The same numbers in Markdown. Two series stand beside each other with the ratio of the second to the first.
    var table: String {
        let comparesTwo = series.count == 2
        let head = [unit.rawValue] + series.map(\.label) + (comparesTwo ? ["ratio"] : [])
        let rows = lines.map { line in
            let ratio = comparesTwo ? [Self.ratio(of: line.values[1], to: line.values[0])] : []
            return [line.label] + line.values.map { $0.map(unit.short) ?? Self.unknown } + ratio
        }
        let rule = ["---"] + head.dropFirst().map { _ in "---:" }
        let separator = "|" + rule.joined(separator: "|") + "|"
        return ([row(head), separator] + rows.map(row)).joined(separator: "\n")
    }

    /// What the chart shows, in a sentence, for who cannot see the chart.
    var description: String {
        let parts = lines.filter(\.isCharted).map { line in
            let values = zip(series, line.values).map { "\($0.label) \($1.map(unit.short) ?? Self.unknown)" }
            return "\(line.label): \(values.joined(separator: ", "))"
        }
        return "Bars, in \(unit.rawValue). \(parts.joined(separator: "; "))."
    }

    private static let unknown = "–"

    private static func ratio(of one: Double?, to other: Double?) -> String {
        one.flatMap { one in other.map { (one / $0).text(decimals: 2) } } ?? unknown
    }

    private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
