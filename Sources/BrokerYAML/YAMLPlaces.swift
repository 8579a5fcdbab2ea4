// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The lines of a file, for turning libyaml's marks into positions.
struct YAMLPlaces {
    let file: String
    let lines: [String]

    /// The first character of the file.
    var beginning: SourcePosition { SourcePosition(file: file, line: 1, column: 1) }

    /// What stands between two marks; what goes on in the next line is marked up to the end of its first.
    func position(from start: YAMLEvent.Mark, to end: YAMLEvent.Mark) -> SourcePosition {
        let stop = end.line == start.line ? end.column : width(ofLine: start.line)
        let length = max(1, stop - start.column)
        return SourcePosition(file: file, line: start.line + 1, column: start.column + 1, length: length)
    }

    /// The character at a mark; `nil` behind the end of its line.
    func character(at mark: YAMLEvent.Mark) -> Unicode.Scalar? {
        guard lines.indices.contains(mark.line) else { return nil }
        return lines[mark.line].unicodeScalars.dropFirst(mark.column).first
    }

    private func width(ofLine line: Int) -> Int {
        lines.indices.contains(line) ? lines[line].unicodeScalars.count : 0
    }
}
