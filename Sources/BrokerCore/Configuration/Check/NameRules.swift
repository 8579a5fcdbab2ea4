// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The rules for names of brokers, streams and groups. Each returns the problem of a name, or `nil`.
package enum NameRules {
    /// The endings of the keys that belong to a stream.
    package static let reservedEndings = [":due", ":floor", ":sweep"]

    /// Letters, digits, `.`, `_`, `-`.
    package static func problem(ofBroker name: String) -> String? {
        problem(ofText: name) ?? strange(name, allowed: ".-_").map { "has \($0); brokers are named with \(letters)" }
    }

    /// Like a broker, with `:` and at most one balanced, non-empty `{tag}`, and without a reserved ending.
    package static func problem(ofStream name: String) -> String? {
        problem(ofText: name)
            ?? strange(name, allowed: ".-_:{}").map { "has \($0); streams are named with \(letters), ':'" }
            ?? problem(ofTagIn: name)
            ?? reservedEndings.first(where: name.hasSuffix).map { "ends in '\($0)', which is reserved" }
    }

    /// Like a stream, with `*` and any ending.
    package static func problem(ofPattern name: String) -> String? {
        let plain = name.filter { $0 != "*" }
        return problem(ofText: name)
            ?? strange(plain, allowed: ".-_:{}").map { "has \($0); patterns are written with \(letters), ':', '*'" }
            ?? problem(ofTagIn: plain)
    }

    /// Visible ASCII without spaces, `:`, `{` and `}`, and not beginning with `~`.
    package static func problem(ofGroup name: String) -> String? {
        if let problem = problem(ofText: name) { return problem }
        if name.hasPrefix("~") { return "begins with '~', which is reserved" }
        let odd = name.unicodeScalars.first { !("!"..."~").contains($0) || ":{}".unicodeScalars.contains($0) }
        return odd.map { "has \(shown($0)); groups are named without ':', '{', '}' and spaces, in ASCII" }
    }

    private static let letters = "letters, digits, '.', '_', '-'"

    private static func problem(ofText name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if let hidden = name.unicodeScalars.first(where: { !$0.isPlainlyVisible }) {
            return "has \(shown(hidden)), which cannot be seen"
        }
        let bytes = name.utf8.count
        return ConfigurationBounds.nameBytes.contains(bytes) ? nil : "is \(bytes) bytes long; at most 128 are allowed"
    }

    private static func problem(ofTagIn name: String) -> String? {
        let isBalanced = name.split(separator: "{", omittingEmptySubsequences: false)
        let braces = name.filter { "{}".contains($0) }
        if braces.isEmpty { return nil }
        guard braces == "{}", isBalanced.count == 2, !isBalanced[1].hasPrefix("}") else {
            return "may have one '{tag}' that is closed and not empty"
        }
        return nil
    }

    private static func strange(_ name: String, allowed: String) -> String? {
        name.unicodeScalars.first { scalar in
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            return !isLetter && !("0"..."9").contains(scalar) && !allowed.unicodeScalars.contains(scalar)
        }.map(shown)
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        scalar == " " ? "a space" : scalar == "'" ? "a quote" : "'\(String(scalar).visible)'"
    }
}

extension StreamName {
    /// The name with a hash tag, as the keys that belong to the stream have it.
    package var tagged: String { text.contains("{") ? text : "{\(text)}" }
}
