// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Finds the name that a misspelt one may mean.
package enum Suggestion {
    /// Returns the candidate with the smallest edit distance, or `nil` if none is near. Case is ignored, and `_` equals
    /// `-`.
    package static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
        let wanted = folded(text)
        guard wanted.count <= 128 else { return nil }
        let bound = min(3, wanted.count / 3)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let other = folded(candidate)
            guard abs(other.count - wanted.count) <= bound else { continue }
            let distance = distance(wanted, other)
            guard distance <= bound, distance < best?.distance ?? .max else { continue }
            best = (candidate, distance)
        }
        return best?.candidate
    }

    /// Returns `; did you mean 'visibility'?`, or an empty text. A text of at least three characters may be the beginning
    /// of up to three names: `; did you mean 'redis-streams' or 'redis-pubsub'?`.
    package static func phrase(for text: String, among candidates: some Sequence<String>) -> String {
        let names = nearest(to: text, among: candidates).map { [$0] } ?? continuations(of: text, among: candidates)
        return names.isEmpty ? "" : "; did you mean \(names.map { "'\($0)'" }.joined(separator: " or "))?"
    }

    private static func continuations(of text: String, among candidates: some Sequence<String>) -> [String] {
        let wanted = folded(text)
        guard (3...128).contains(wanted.count) else { return [] }
        let names = candidates.reduce(into: [String]()) { names, candidate in
            if folded(candidate).starts(with: wanted), !names.contains(candidate) { names.append(candidate) }
        }
        return names.count <= 3 ? names : []
    }

    /// Returns the first ten of several names, and how many more there are.
    package static func list(_ names: [String]) -> String {
        let bound = 10
        let shown = names.prefix(bound).map(\.visible).joined(separator: ", ")
        return names.count > bound ? "\(shown) and \(names.count - bound) more" : shown
    }

    private static func folded(_ text: String) -> [UInt8] {
        text.lowercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours between two texts.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var cost = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}

extension String {
    /// The text with every character that is invisible, or moves other text, written as `\u{…}`.
    package var visible: String {
        unicodeScalars.allSatisfy(\.isPlainlyVisible)
            ? self
            : unicodeScalars.map { $0.isPlainlyVisible ? String($0) : "\\u{\(String($0.value, radix: 16))}" }.joined()
    }

    /// The text in quotes for a message: visible, and cut after 64 characters.
    package var quoted: String {
        let bound = 64
        return count > bound ? "'\(String(prefix(bound)).visible)…'" : "'\(visible)'"
    }
}

extension Unicode.Scalar {
    /// Whether the character is visible: no control character, no direction mark, nothing of zero width.
    package var isPlainlyVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: !properties.isDefaultIgnorableCodePoint
        }
    }
}
