// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Mistakes of quotes: text that needs them and has none, and quotes that are not closed.
extension YAMLMistake {
    /// `{ url: ${REDIS_URL} }`: in a flow map the brace of the variable begins a map.
    var openVariable: ConfigurationProblem? {
        guard let last = surroundings.last, !last.isQuoted, last.end.line == failure.mark.line,
            last.start.line == last.end.line, places.character(at: failure.mark) == "{",
            places.character(before: failure.mark) == "$"
        else { return nil }
        let value = valueWithVariables(from: last.start)
        let isPlain =
            places.shows(line: last.start.line) || value.wholeMatch(of: #/\$\{[A-Za-z_][A-Za-z0-9_]*\}/#) != nil
        let written =
            isPlain && !value.contains("\"")
            ? "write \("\"\(value)\"".cut)" : "write the whole value in quotes, as in \"${NAME}\""
        return report(
            "expected quotes around a variable in '{ }' or '[ ]', found none; \(written)", at: last.start,
            length: value.unicodeScalars.count)
    }

    /// The value up to the end of its last variable, and of what stands behind it without a space.
    private func valueWithVariables(from start: YAMLEvent.Mark) -> String {
        let line = places.text(ofLine: start.line)
        var depth = 0
        let rest = line.dropFirst(failure.mark.column).prefix { scalar in
            if depth == 0, " ,]}".unicodeScalars.contains(scalar) { return false }
            depth += scalar == "{" ? 1 : scalar == "}" ? -1 : 0
            return true
        }
        return String(line[start.column..<failure.mark.column]) + String(rest)
    }

    /// `{orders}:dead`: a brace begins a map.
    var openBraces: ConfigurationProblem? {
        let line = places.text(ofLine: failure.mark.line)
        for start in line.indices where line[start] == "{" {
            let tag = line[(start + 1)...].prefix { $0.isOfName }
            let end = start + 1 + tag.count
            guard !tag.isEmpty, line[end...].starts(with: "}:".unicodeScalars) else { continue }
            let ending = line[(end + 2)...].prefix { $0.isOfName && $0 != ":" }
            let name = line[start..<(end + 2 + ending.count)]
            guard !ending.isEmpty, (end + 1...name.endIndex).contains(failure.mark.column) else { continue }
            let written = "put a name with braces in quotes: \("\"\(String(name))\"".cut)"
            let cure = places.shows(line: failure.mark.line) ? written : "put text with braces in quotes"
            return report(
                "expected a name, found '{', which begins a map in YAML; \(cure)",
                at: YAMLEvent.Mark(line: failure.mark.line, column: start), length: name.count)
        }
        return nil
    }

    /// `*.orders`: a star begins an alias.
    var openStar: ConfigurationProblem { YAMLMistake.star(at: failure.since, in: places) }

    /// The problem of a key that begins with a star.
    static func star(at mark: YAMLEvent.Mark, in places: YAMLPlaces) -> ConfigurationProblem {
        star("expected text, found '*', which begins an alias in YAML", at: mark, in: places)
    }

    /// The problem of a value that begins with a star.
    static func unknownAlias(at mark: YAMLEvent.Mark, in places: YAMLPlaces) -> ConfigurationProblem {
        star("expected an alias of an anchor before it, found none of that name", at: mark, in: places)
    }

    private static func star(
        _ message: String, at mark: YAMLEvent.Mark, in places: YAMLPlaces
    ) -> ConfigurationProblem {
        guard places.shows(line: mark.line) else {
            return ConfigurationProblem(
                "\(message); put text that begins with '*' in quotes", at: places.position(from: mark, to: mark))
        }
        let text = places.text(ofLine: mark.line).dropFirst(mark.column)
        let value = text.prefix { !" \t,]}\":".unicodeScalars.contains($0) }
        let end = YAMLEvent.Mark(line: mark.line, column: mark.column + value.count)
        return ConfigurationProblem(
            "\(message); put a pattern in quotes: \("\"\(String(value))\"".cut)",
            at: places.position(from: mark, to: end))
    }

    /// A quote that is not closed, or an escape that is none.
    var quoted: ConfigurationProblem {
        switch failure.problem {
        case "found unexpected end of stream":
            report("expected a closing quote, found the end of the file; close the quote here", at: failure.since)
        case "found unexpected document indicator":
            report("expected a closing quote, found the mark of a document; close the quote here", at: failure.since)
        case "found unknown escape character":
            report("expected an escape such as '\\n' after the backslash, found none; write '\\\\' for a backslash")
        default:
            report("expected the number of a character after the backslash, found none; write '\\\\' for a backslash")
        }
    }

    /// What stands behind a value in its line: more text behind quotes, or a bracket too many.
    var behindValue: ConfigurationProblem {
        guard let last = surroundings.last, last.isQuoted, last.end.line == failure.mark.line else {
            let found = places.shows(line: failure.mark.line) ? found : "more"
            return report("expected the end of the value, found \(found); remove it, or put the value in quotes")
        }
        if last.start.line < last.end.line {
            return report(
                "expected a closing quote in this line, found it in line \(last.end.line + 1); close the quote here",
                at: last.start)
        }
        return report(
            "expected the end of the value after its closing quote, found more; put quotes of the other kind around it")
    }
}

extension Unicode.Scalar {
    fileprivate var isOfName: Bool {
        isASCII && (properties.isAlphabetic || ("0"..."9").contains(self)) || "._-:".unicodeScalars.contains(self)
    }
}
