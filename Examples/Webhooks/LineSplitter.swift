// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Cuts bytes into numbered lines, wherever the pieces in which they come are cut. A pure value.
///
/// Blank lines are counted and left out. Of a line longer than the limit nothing is kept but the beginning of it.
struct LineSplitter {
    struct Line: Equatable {
        /// The number of the line, from 1.
        let number: Int
        /// The line without its end; `nil` when it is longer than the limit.
        let bytes: [UInt8]?
    }

    private let limit: Int
    private var rest: [UInt8] = []
    private var number = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes the next piece and returns the lines that end in it.
    mutating func feed(_ piece: [UInt8]) -> [Line] {
        let parts = piece.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var lines: [Line] = []
        for part in parts.dropLast() {
            add(part)
            if let line = endLine() { lines.append(line) }
        }
        if let part = parts.last { add(part) }
        return lines
    }

    /// The last line, when the input does not end in a line's end.
    mutating func finish() -> Line? {
        rest.isEmpty ? nil : endLine()
    }

    /// One byte beyond the limit is kept, which tells that there was more.
    private mutating func add(_ part: ArraySlice<UInt8>) {
        rest += part.prefix(limit + 1 - rest.count)
    }

    private mutating func endLine() -> Line? {
        defer { rest.removeAll(keepingCapacity: true) }
        number += 1
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        let isBlank = rest.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        if isBlank && rest.count <= limit { return nil }
        return Line(number: number, bytes: rest.count > limit ? nil : rest)
    }
}
