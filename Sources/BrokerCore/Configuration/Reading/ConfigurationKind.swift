// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The kind of a value with its bounds, and the words for it that errors and the documentation share.
package enum ConfigurationKind: Sendable, Hashable {
    case text
    case secret
    case integer(ClosedRange<Int>)
    case size(ClosedRange<Int>)
    case fraction(ClosedRange<Double>)
    case duration(ClosedRange<Duration>)
    case flag
    case choice([String])
    case exactly(String)
    case body
    case start
    case list
    case map

    /// The expected value, for the middle of a sentence.
    package var expectation: String {
        switch self {
        case .text, .secret: "text"
        case .integer(let range): "a whole number \(Self.bounds(range) { "\($0)" })"
        case .size(let range): "a size \(Self.bounds(range, ScalarGrammar.text(ofSize:))), such as 64KiB"
        case .fraction(let range): "a number \(Self.bounds(range, ScalarGrammar.text(ofFraction:)))"
        case .duration(let range): "a duration \(Self.bounds(range, ScalarGrammar.text(of:))), such as 30s"
        case .flag: "true or false"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .exactly(let text): text
        case .body: "fields, raw, or a map with the name of a field, such as { field: payload }"
        case .start: "earliest, latest, an id such as 1700000000000-0, or a time such as 2026-01-31T12:00:00Z"
        case .list: "a list of texts"
        case .map: "a map"
        }
    }

    /// What to do about a value that is not of this kind, for the end of a sentence; empty if that is not known.
    package func cure(for node: ConfigurationNode) -> String {
        guard case .scalar(let text, let isQuoted) = node.value else { return "" }
        if isQuoted, !takesQuotedText { return "; write it without quotes" }
        switch self {
        case .duration where ScalarGrammar.integer(text) != nil: return ", a number without a unit"
        case .size where ScalarGrammar.integer(text) != nil: return ", a number without a unit"
        case .map: return ColonWithoutSpace(in: text)?.phrase ?? ""
        default: return Suggestion.phrase(for: text, among: words)
        }
    }

    /// The allowed words, for suggestions.
    private var words: [String] {
        switch self {
        case .choice(let words): words
        case .flag: ["true", "false"]
        case .body: ["fields", "raw"]
        case .start: ["earliest", "latest"]
        default: []
        }
    }

    /// Whether the value may be in quotes: everything but numbers and flags is text.
    package var takesQuotedText: Bool {
        switch self {
        case .text, .secret, .choice, .exactly, .body, .start: true
        default: false
        }
    }

    private static func bounds<Value>(_ range: ClosedRange<Value>, _ text: (Value) -> String) -> String {
        "from \(text(range.lowerBound)) to \(text(range.upperBound))"
    }
}
