// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A comparison for people.
struct Table {
    let comparison: Comparison

    init(_ comparison: Comparison) {
        self.comparison = comparison
    }

    var text: String {
        let head = [
            "base      \(comparison.base)", "head      \(comparison.head)", "machine   \(comparison.machine)",
            "rounds    \(comparison.rounds), in each round both sides", "",
        ]
        return (head + aligned([Self.titles] + comparison.rows.map { cells(of: $0) }) + [""] + conclusions).joined(
            separator: "\n")
    }

    private static let titles = ["", "base", "head", "", "ratio", "", "", "processor time", "", ""]
    /// The columns with numbers stand to the right.
    private static let numbers: Set = [1, 2, 4, 5, 7, 8]

    private func cells(of row: Comparison.Row) -> [String] {
        let values = [row.result?.base, row.result?.head].map { $0.map(Self.number) ?? "-" }
        let changes = [row.result, row.processor].flatMap { cells(of: $0, isControl: row.isControl) }
        return [row.name] + values + [row.unit] + changes
    }

    private func cells(of change: Change?, isControl: Bool) -> [String] {
        guard let change else { return ["-", "", ""] }
        let verdict = change.verdict == .same ? "" : isControl ? "moved" : change.verdict.rawValue
        return [
            Self.hundredths(change.ratio),
            "\(Self.hundredths(change.interval.lowerBound)) to \(Self.hundredths(change.interval.upperBound))", verdict,
        ]
    }

    private var conclusions: [String] {
        var lines: [String] = []
        let (worse, better) = (comparison.worse, comparison.better)
        for name in comparison.onlyInBase { lines.append("only in base: \(name)") }
        for name in comparison.onlyInHead { lines.append("only in head: \(name)") }
        if !comparison.rows.contains(where: { $0.processor != nil }) {
            lines.append("no processor time: the base is from before it was reported")
        }
        if !comparison.moved.isEmpty {
            lines.append(
                "the machine was not quiet, for the yardstick moved too: \(comparison.moved.joined(separator: "; "))")
        }
        if comparison.rounds < MedianInterval.leastCount {
            lines.append("fewer than \(MedianInterval.leastCount) rounds: too few to say what changed")
        }
        lines.append("worse: \(worse.isEmpty ? "nothing" : worse.joined(separator: "; "))")
        lines.append("better: \(better.isEmpty ? "nothing" : better.joined(separator: "; "))")
        return lines
    }

    private func aligned(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { cells in
            let padded = zip(cells.indices, cells).map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return Self.numbers.contains(column) ? padding + cell : cell + padding
            }
            let line = padded.joined(separator: "  ")
            return String(line.prefix((line.lastIndex { $0 != " " }?.utf16Offset(in: line) ?? -1) + 1))
        }
    }

    /// Three digits of what is small, all digits of what is large.
    private static func number(_ value: Double) -> String {
        value < 100 ? hundredths(value) : String(Int(value.rounded()))
    }

    static func hundredths(_ value: Double) -> String {
        let count = Int((value * 100).rounded())
        return "\(count / 100)." + (count % 100 < 10 ? "0" : "") + "\(count % 100)"
    }
}
