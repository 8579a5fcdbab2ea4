// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Where libyaml gave up, with its own words for the reason.
struct YAMLFailure {
    var problem: String
    /// What it was about; empty when it does not say.
    var context = ""
    /// Where that began.
    var since: YAMLEvent.Mark
    /// Where it gave up.
    var mark: YAMLEvent.Mark
}

/// What a person did wrong where libyaml gave up. A pure value.
///
/// libyaml says what its grammar misses. This says what was expected, what was found and what to do, at the place of the
/// mistake, which may be a line before the one in which it was noticed. No text of libyaml is passed on.
struct YAMLMistake {
    let failure: YAMLFailure
    let places: YAMLPlaces
    let surroundings: YAMLSurroundings

    /// The problem to report.
    var problem: ConfigurationProblem {
        tab ?? openVariable ?? openBraces ?? ofContext ?? ofProblem
    }

    private var tab: ConfigurationProblem? {
        let indentation = places.text(ofLine: failure.mark.line).prefix { $0 == " " || $0 == "\t" }
        guard failure.mark.column <= indentation.count, let column = indentation.firstIndex(of: "\t") else {
            return nil
        }
        return report("expected spaces as indentation, found a tab; indent with spaces", atColumn: column)
    }

    /// By what libyaml was about.
    private var ofContext: ConfigurationProblem? {
        switch failure.context {
        case "while scanning an alias": openStar
        case "while scanning an anchor": indicator("'&'", "which begins an anchor", at: failure.since)
        case "while scanning a directive": indicator("'%'", "which begins a directive", at: failure.since)
        case "while scanning a tag", "while parsing a tag", "while parsing a node":
            report("tags (beginning with '!') are not supported; put text that begins with '!' in quotes")
        case "while scanning for the next token": indicator(found, "with which no text begins", at: failure.mark)
        case "while scanning a quoted scalar", "while parsing a quoted scalar": quoted
        case "while scanning a block scalar":
            report(
                "expected the end of the line after '|' or '>', found more; put text that begins with them in quotes")
        case "while scanning a simple key": keyWithoutColon
        case "while scanning a plain scalar": colonWithoutSpace
        case "while parsing a flow mapping": openBracket("{", closing: "}")
        case "while parsing a flow sequence": openBracket("[", closing: "]")
        default: nil
        }
    }

    /// By what libyaml missed.
    private var ofProblem: ConfigurationProblem {
        switch failure.problem {
        case "did not find expected key": unexpectedInBlock
        case "mapping values are not allowed in this context": unexpectedColon
        case "block sequence entries are not allowed in this context":
            report("expected a value, found '-', which begins a list; begin a list in a line of its own")
        case "mapping keys are not allowed in this context", "did not find expected node content":
            report("expected a value, found \(found); put text that begins with it in quotes")
        case "did not find expected <document start>":
            report("expected the end of the file after '...', found more; a file holds one document")
        default:
            report(
                "expected YAML, found \(found), which cannot stand here; is a quote, a comma or a bracket missing?")
        }
    }

    private func openBracket(_ opening: String, closing: String) -> ConfigurationProblem {
        report(
            "expected ',' or '\(closing)' after an entry of the '\(opening)' in line \(failure.since.line + 1), found "
                + "\(found); add the comma or the '\(closing)' that is missing")
    }

    private func indicator(_ character: String, _ role: String, at mark: YAMLEvent.Mark) -> ConfigurationProblem {
        report("expected text, found \(character), \(role) in YAML; put text that begins with it in quotes", at: mark)
    }

    /// The character at which libyaml gave up, in quotes.
    var found: String {
        places.character(at: failure.mark).map { String($0).quoted } ?? "the end of the line"
    }

    func report(_ message: String, at mark: YAMLEvent.Mark? = nil, length: Int = 1) -> ConfigurationProblem {
        let start = mark ?? failure.mark
        let end = YAMLEvent.Mark(line: start.line, column: start.column + length)
        return ConfigurationProblem(message, at: places.position(from: start, to: end))
    }

    private func report(_ message: String, atColumn column: Int) -> ConfigurationProblem {
        report(message, at: YAMLEvent.Mark(line: failure.mark.line, column: column))
    }
}

/// What the tree builder knows of the place where libyaml gave up.
struct YAMLSurroundings {
    /// The key at the end of a map, and where the map's keys begin.
    struct Neighbour {
        var key: String
        var line: Int
        var column: Int
    }

    /// The last text that was read, and whether it is in quotes.
    var last: (start: YAMLEvent.Mark, end: YAMLEvent.Mark, isQuoted: Bool)?
    /// The map that is open.
    var open: Neighbour?
    /// The map that was closed last, if nothing has been read since.
    var closed: Neighbour?
}
