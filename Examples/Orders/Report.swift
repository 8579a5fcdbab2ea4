// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// What the example prints in the end: a table for people on stderr, one JSON object for programs on stdout.
struct Report {
    let counts: Ledger.Counts
    let provider: String

    var table: String {
        let header = ["group", "handled", "retried", "dead letters", "handed back"]
        let rows = counts.rows.sorted { $0.key < $1.key }.map { group, row in
            [group, "\(row.handled)", "\(row.retried)", "\(row.deadLettered)", "\(row.released)"]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        let lines = ([header] + rows).map { cells in
            zip(cells, widths).enumerated().map { index, cell in pad(cell.0, to: cell.1, left: index == 0) }
                .joined(separator: "  ")
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
        return ([lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
    }

    var json: String {
        "{\"published\":\(counts.published),\"handled\":\(counts.handled),\"retried\":\(counts.retried),"
            + "\"deadLettered\":\(counts.deadLettered),\"lost\":\(counts.lost),\"provider\":\"\(provider)\"}"
    }

    private func pad(_ text: String, to width: Int, left: Bool) -> String {
        let space = String(repeating: " ", count: width - text.count)
        return left ? text + space : space + text
    }
}
