// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Rows and columns, shown in columns to people and with tabs to programs.
package struct Table: Sendable, Hashable {
    /// What a cell holds. What is unknown is shown as `-`.
    package enum Cell: Sendable, Hashable {
        /// A text; characters that are invisible or move others are escaped.
        case text(String)
        /// A number.
        case number(Int?)
        /// A time span, shown in words to people and in milliseconds to programs.
        case milliseconds(Int64?)
    }

    /// The titles of the columns.
    package var titles: [String]
    /// The rows, each with a cell for each column.
    package var rows: [[Cell]]
    /// What stands above it for people; `nil` for nothing.
    package var heading: String?

    /// Makes a table.
    package init(_ titles: [String], _ rows: [[Cell]], heading: String? = nil) {
        self.titles = titles
        self.rows = rows
        self.heading = heading
    }

    /// The table for people: as wide as what it shows, numbers to the right.
    package var columns: String {
        let texts = rows.map { $0.map(\.words) }
        let widths = titles.indices.map { column in
            max(titles[column].count, texts.map { $0[column].count }.max() ?? 0)
        }
        let isNumeric = titles.indices.map { column in rows.allSatisfy { $0[column].isNumeric } && !rows.isEmpty }
        let lines = ([titles] + texts).map { cells in
            let padded = cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return isNumeric[column] ? space + cells[column] : cells[column] + space
            }
            return padded.joined(separator: "  ").trimmingEnd
        }
        return ((heading.map { [$0] } ?? []) + lines).joined(separator: "\n")
    }

    /// The table for programs: a line for each row, the titles first.
    package var lines: String {
        let head = titles.map { $0.lowercased() }.joined(separator: "\t")
        return ([head] + rows.map { $0.map(\.plain).joined(separator: "\t") }).joined(separator: "\n")
    }
}

extension Table.Cell {
    fileprivate var isNumeric: Bool {
        if case .text = self { false } else { true }
    }

    fileprivate var words: String {
        switch self {
        case .text(let text): text.visible
        case .number(let number): number.map { "\($0)" } ?? "-"
        case .milliseconds(let count): count.map { Duration.milliseconds($0).inWords } ?? "-"
        }
    }

    fileprivate var plain: String {
        if case .milliseconds(let count) = self { count.map { "\($0)" } ?? "-" } else { words }
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        lastIndex { $0 != " " }.map { String(self[...$0]) } ?? ""
    }
}
