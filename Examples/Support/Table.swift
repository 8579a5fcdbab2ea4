// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Rows under a header, as people read them: the first column to the left, numbers to the right.
package struct Table {
    private let rows: [[String]]
    private let isLeft: [Bool]

    /// Makes a table; every row has as many cells as the header.
    ///
    /// - Parameters:
    ///   - header: The names of the columns.
    ///   - rows: The cells.
    ///   - texts: The columns that hold text and stand to the left, beside the first.
    package init(_ header: [String], _ rows: [[String]], texts: Set<Int> = []) {
        self.rows = [header] + rows
        isLeft = header.indices.map { $0 == 0 || texts.contains($0) }
    }

    package var text: String {
        let columns = rows[0].indices
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            columns.map { pad(row[$0], to: widths[$0], left: isLeft[$0], isLast: $0 == columns.last) }
                .joined(separator: "  ")
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
        return ([lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
    }

    private func pad(_ text: String, to width: Int, left: Bool, isLast: Bool) -> String {
        let space = String(repeating: " ", count: width - text.count)
        return left ? text + (isLast ? "" : space) : space + text
    }
}
