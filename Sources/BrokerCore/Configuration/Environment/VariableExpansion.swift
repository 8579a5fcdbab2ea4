// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Expands variables in scalars: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, and `$$` for a dollar.
///
/// It works on parsed scalars and in one pass, so that no value can add keys or be expanded again. A `$` before
/// anything else is a plain character. An empty variable counts as not set if there is a default or message. What cannot
/// be expanded is a problem of its node, which is reported where the value is read: a key that nobody reads needs none.
package struct VariableExpansion {
    private let variables: [String: String]
    private let severity: ConfigurationProblem.Severity

    /// Makes an expansion. With `.note`, a variable that is not set is a note and no error.
    package init(variables: [String: String], unset severity: ConfigurationProblem.Severity = .error) {
        self.variables = variables
        self.severity = severity
    }

    /// Expands every scalar of a tree.
    package func expand(_ node: ConfigurationNode) -> ConfigurationNode {
        var result = node
        switch node.value {
        case .null: break
        case .scalar(let text, _):
            if text.utf8.contains(UInt8(ascii: "$")) { result = expand(text, of: node) }
        case .list(let nodes):
            result.value = .list(nodes.map { expand($0) })
        case .map(let entries):
            result.value = .map(
                entries.map { entry in
                    var expanded = entry
                    expanded.node = expand(entry.node)
                    return expanded
                })
        }
        return result
    }

    /// Text from a variable is read like a plain scalar: it has quotes only because YAML needs them around braces.
    private func expand(_ text: String, of node: ConfigurationNode) -> ConfigurationNode {
        var result = node
        var output = ""
        var rest = text[...]
        var isQuoted: Bool { if case .scalar(_, let isQuoted) = node.value { isQuoted } else { false } }
        var hasReference = false
        while let dollar = rest.firstIndex(of: "$") {
            output += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            if rest.hasPrefix("$") {
                output += "$"
                rest = rest.dropFirst()
            } else if rest.hasPrefix("{") {
                hasReference = true
                guard let value = reference(&rest, &result.origin, at: node.position) else { return result }
                output += value
            } else {
                output += "$"
            }
        }
        result.value = .scalar(output + rest, isQuoted: isQuoted && !hasReference)
        return result
    }

    /// Takes `{…}` from the front of the text and returns its value; `nil` if there was a problem.
    private func reference(
        _ rest: inout Substring, _ origin: inout ConfigurationOrigin, at position: SourcePosition?
    ) -> String? {
        guard let end = rest.firstIndex(of: "}") else {
            return refuse(&origin, "'${' without '}'; write '$$' for a dollar sign", at: position)
        }
        let body = rest[..<end].dropFirst()
        rest = rest[end...].dropFirst()
        let name = body.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let tail = body.dropFirst(name.count)
        guard let first = name.first, !first.isNumber, !tail.contains("${") else {
            return refuse(&origin, "'${…}' takes the name of one variable, as in '${REDIS_URL}'", at: position)
        }
        return value(String(name), tail, &origin, at: position)
    }

    private func value(
        _ name: String, _ tail: Substring, _ origin: inout ConfigurationOrigin, at position: SourcePosition?
    ) -> String? {
        let value = variables[name]
        if let value, tail.isEmpty || !value.isEmpty {
            guard tail.isEmpty || tail.hasPrefix(":-") || tail.hasPrefix(":?") else {
                return refuseTail(&origin, position)
            }
            origin.variables.append(name)
            return value
        }
        if tail.hasPrefix(":-") { return String(tail.dropFirst(2)) }
        if tail.hasPrefix(":?") {
            let reason = tail.dropFirst(2)
            let suffix = reason.isEmpty ? "" : ": \(String(reason).visible)"
            return refuse(&origin, "the variable \(name) is not set\(suffix)", at: position, severity)
        }
        guard tail.isEmpty else { return refuseTail(&origin, position) }
        return refuse(&origin, "the variable \(name) is not set", at: position, severity)
    }

    private func refuseTail(_ origin: inout ConfigurationOrigin, _ position: SourcePosition?) -> String? {
        refuse(&origin, "the name of a variable is followed by ':-default', ':?message' or '}'", at: position)
    }

    /// Records why a value is unknown: the names of variables, never their values.
    private func refuse(
        _ origin: inout ConfigurationOrigin, _ message: String, at position: SourcePosition?,
        _ severity: ConfigurationProblem.Severity = .error
    ) -> String? {
        origin.problem = ConfigurationProblem(message, at: position, severity: severity)
        origin.isUnusable = true
        return nil
    }
}
