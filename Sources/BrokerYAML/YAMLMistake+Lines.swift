// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Mistakes of lines: keys that are not indented as those beside them, and colons.
extension YAMLMistake {
    /// A key was expected: what is there stands too deep or too little, or behind a value.
    var unexpectedInBlock: ConfigurationProblem {
        let line = places.text(ofLine: failure.mark.line)
        let indentation = line.prefix { $0 == " " }.count
        guard failure.mark.column == indentation else { return behindValue }
        if let open = surroundings.open, open.column < indentation { return misplacedKey(beside: open) }
        if line.dropFirst(indentation).first == "-" {
            return report("expected a key, found '-', which begins a list; put the list below a key of its own")
        }
        return report("expected 'key: value', found something else; is a quote or a bracket missing before it?")
    }

    /// A colon where no key can be: a deeper key, a colon without its space in an earlier line, or one in a value.
    var unexpectedColon: ConfigurationProblem {
        guard let last = surroundings.last, !last.isQuoted, last.end.line == failure.mark.line else {
            return report("expected the end of the line, found ':'; put text that holds ': ' in quotes")
        }
        if last.start.line == failure.mark.line { return colonInValue(from: last.start) }
        let isFirst = last.start.column == places.text(ofLine: last.start.line).prefix { $0 == " " }.count
        if isFirst, let problem = missingSpace(inLine: last.start.line, from: last.start.column) { return problem }
        if let open = surroundings.open { return misplacedKey(beside: open) }
        return report("expected one value, found a key; is a ': ' missing in line \(last.start.line + 1)?")
    }

    /// A line of a map without a colon behind its key.
    var keyWithoutColon: ConfigurationProblem {
        missingSpace(inLine: failure.since.line, from: failure.since.column)
            ?? report("expected 'key: value', found no colon; write ': ' behind the key", at: failure.since)
    }

    /// `a:{` in a flow map.
    var colonWithoutSpace: ConfigurationProblem {
        report("expected a space after the colon, found none; write one")
    }

    private func misplacedKey(beside open: YAMLSurroundings.Neighbour) -> ConfigurationProblem {
        let text = places.text(ofLine: failure.mark.line)
        let indentation = text.prefix { $0 == " " }.count
        let word = text.dropFirst(indentation).prefix { !": \t".unicodeScalars.contains($0) }
        let key = places.shows(line: failure.mark.line) ? String(word).quoted : "this key"
        var expected = "expected \(spaces(open.column)) before \(key), \(like(open))"
        if let closed = surroundings.closed, closed.column > indentation {
            expected += ", or \(closed.column), \(like(closed))"
        }
        let place = YAMLEvent.Mark(line: failure.mark.line, column: indentation)
        return report("\(expected); found \(indentation)", at: place, length: word.count)
    }

    private func spaces(_ count: Int) -> String {
        count == 0 ? "no space" : count == 1 ? "1 space" : "\(count) spaces"
    }

    private func like(_ neighbour: YAMLSurroundings.Neighbour) -> String {
        let key = places.shows(line: neighbour.line - 1) ? "before \(neighbour.key.quoted) " : ""
        return "as \(key)in line \(neighbour.line)"
    }

    /// The problem of a key with a colon and no space behind it.
    private func missingSpace(inLine line: Int, from column: Int) -> ConfigurationProblem? {
        let text = places.text(ofLine: line).dropFirst(column)
        let key = text.prefix { $0 != ":" && $0 != " " }
        let value = text.dropFirst(key.count + 1)
        guard !key.isEmpty, text.dropFirst(key.count).first == ":", let next = value.first, next != " " else {
            return nil
        }
        let written = "\(String(key)): \(String(value))"
        let cure = places.shows(line: line) ? "write \(written.quoted)" : "write one"
        return report(
            "expected a space after the colon, found none; \(cure)",
            at: YAMLEvent.Mark(line: line, column: column + key.count))
    }

    private func colonInValue(from start: YAMLEvent.Mark) -> ConfigurationProblem {
        let text = places.text(ofLine: start.line).dropFirst(start.column)
        let value = (String(text).split(separator: " #").first ?? "").trimmed
        let isPlain = places.shows(line: start.line) && !value.contains { "\"\\".contains($0) }
        let cure = isPlain ? "put it in quotes: \("\"\(value)\"".cut)" : "put it in quotes"
        return report("expected one value, found ': ' in it; \(cure)")
    }
}

extension Substring {
    fileprivate var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}

extension String {
    /// Makes a text of characters of a line.
    init(_ characters: ArraySlice<Unicode.Scalar>) {
        self.init(UnicodeScalarView(characters))
    }

    /// The text for a message: visible, and cut after 64 characters.
    var cut: String { count > 64 ? "\(prefix(64))…".visible : visible }
}
