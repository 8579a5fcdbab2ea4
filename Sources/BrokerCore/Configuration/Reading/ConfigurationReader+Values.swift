// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationReader {
    /// Reads text, literally: `yes`, `0123` and `2026-01-01` are text. Returns `nil` if it is missing.
    public mutating func string(_ key: String) -> String? {
        value(key, .text) { $0 }
    }

    /// Reads text, or returns the default.
    public mutating func string(_ key: String, default standard: String) -> String {
        string(key) ?? fallBack(key, standard, standard)
    }

    /// Reads text that must not be shown. Returns `nil` if it is missing.
    public mutating func secret(_ key: String) -> Secret? {
        value(key, .secret) { Secret($0) }
    }

    /// Reads a whole number within bounds. Returns `nil` if it is missing.
    public mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        value(key, .integer(range)) { ScalarGrammar.integer($0).within(range) }
    }

    /// Reads a whole number within bounds, or returns the default.
    public mutating func integer(_ key: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        integer(key, in: range) ?? fallBack(key, standard, "\(standard)")
    }

    /// Reads a size in bytes within bounds: a whole number with `B`, `KiB`, `MiB` or `GiB`. Returns `nil` if it is
    /// missing.
    public mutating func size(_ key: String, in range: ClosedRange<Int>) -> Int? {
        value(key, .size(range)) { ScalarGrammar.size($0).within(range) }
    }

    /// Reads a size in bytes within bounds, or returns the default.
    public mutating func size(_ key: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        size(key, in: range) ?? fallBack(key, standard, ScalarGrammar.text(ofSize: standard))
    }

    /// Reads a decimal number within bounds. Returns `nil` if it is missing.
    public mutating func fraction(_ key: String, in range: ClosedRange<Double>) -> Double? {
        value(key, .fraction(range)) { ScalarGrammar.fraction($0).within(range) }
    }

    /// Reads a decimal number within bounds, or returns the default.
    public mutating func fraction(_ key: String, in range: ClosedRange<Double>, default standard: Double) -> Double {
        fraction(key, in: range) ?? fallBack(key, standard, ScalarGrammar.text(ofFraction: standard))
    }

    /// Reads a duration within bounds: a whole number with `ms`, `s`, `m`, `h` or `d`. Returns `nil` if it is missing.
    public mutating func duration(_ key: String, in range: ClosedRange<Duration>) -> Duration? {
        value(key, .duration(range)) { ScalarGrammar.duration($0).within(range) }
    }

    /// Reads a duration within bounds, or returns the default.
    public mutating func duration(
        _ key: String, in range: ClosedRange<Duration>, default standard: Duration
    ) -> Duration {
        duration(key, in: range) ?? fallBack(key, standard, ScalarGrammar.text(of: standard))
    }

    /// Reads `true` or `false`.
    public mutating func flag(_ key: String) -> Bool? {
        value(key, .flag) { ScalarGrammar.flag($0) }
    }

    /// Reads `true` or `false`, or returns the default.
    public mutating func flag(_ key: String, default standard: Bool) -> Bool {
        flag(key) ?? fallBack(key, standard, "\(standard)")
    }

    /// Reads one of several words: the raw values of the type. Returns `nil` if it is missing.
    public mutating func choice<Choice>(_ key: String, of type: Choice.Type) -> Choice?
    where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
        value(key, .choice(type.allCases.map(\.rawValue))) { Choice(rawValue: $0) }
    }

    /// Reads one of several words, or returns the default.
    public mutating func choice<Choice>(_ key: String, default standard: Choice) -> Choice
    where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
        choice(key, of: Choice.self) ?? fallBack(key, standard, standard.rawValue)
    }

    /// Reads a scalar of a kind. It is a problem if `parse` returns `nil`, or if the value is no scalar.
    package mutating func value<Value>(
        _ key: String, _ kind: ConfigurationKind, parse: (String) -> Value?
    ) -> Value? {
        guard let entry = take(key) else { return nil }
        if case .scalar(let text, let isQuoted) = entry.node.value, kind.takesQuotedText || !isQuoted,
            let value = parse(text)
        {
            note(key, isHidden(key, kind, entry.node) ? Secret.redacted : text, entry.node)
            return value
        }
        refuse(key, kind, entry.node)
        return nil
    }

    /// Reports that a value is not of its kind.
    mutating func refuse(_ key: String, _ kind: ConfigurationKind, _ node: ConfigurationNode) {
        let found = Self.description(of: node, at: key)
        let isShown = node.origin.variables.isEmpty && !Redaction.speaksOfSecret(key)
        let suggestion = isShown ? kind.cure(for: node) : ""
        report("'\(key)'\(path.phrase) takes \(kind.expectation); found \(found)\(suggestion)", key: key)
    }

    /// Describes a node without showing what may be a secret.
    static func description(of node: ConfigurationNode, at key: String) -> String {
        switch node.value {
        case .null: return "nothing"
        case .list: return "a list"
        case .map: return "a map"
        case .scalar(let text, let isQuoted):
            if let variable = node.origin.variables.first { return "what the variable \(variable) holds" }
            if Redaction.mayHoldSecret(text, of: key) { return "text that is not shown" }
            return isQuoted ? "the text \(text.quoted)" : text.quoted
        }
    }

    /// Text from a variable may be a secret. Numbers, durations and words of a list are none.
    private func isHidden(_ key: String, _ kind: ConfigurationKind, _ node: ConfigurationNode) -> Bool {
        switch kind {
        case .secret: true
        case .text:
            !node.origin.variables.isEmpty || Redaction.mayHoldSecret(node.scalar ?? "", of: key)
        default: false
        }
    }

    private mutating func note(_ key: String, _ text: String, _ node: ConfigurationNode) {
        let reading = ConfigurationReading(
            path: path.appending(key), text: text.visible, position: node.position, origin: node.origin)
        record.readings.append(reading)
        if let variable = node.origin.variables.first, let text = node.scalar { record.variables[text] = variable }
    }

    /// Records that the default applies.
    private mutating func fallBack<Value>(_ key: String, _ standard: Value, _ text: String) -> Value {
        if !record.doubtful.contains(path.appending(key)) {
            record.readings.append(ConfigurationReading(path: path.appending(key), text: text))
        }
        return standard
    }
}

extension Optional where Wrapped: Comparable {
    fileprivate func within(_ range: ClosedRange<Wrapped>) -> Wrapped? {
        flatMap { range.contains($0) ? $0 : nil }
    }
}
