// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why a configuration cannot be used: all of its problems, in the order of the file.
public struct ConfigurationError: Error, Sendable {
    /// The problems, at least one.
    public var problems: [ConfigurationProblem]
    /// Whether the input could not be read at all; defaults to false: it was read and is wrong.
    public var isUnreadable: Bool

    /// Makes an error.
    public init(_ problems: [ConfigurationProblem], isUnreadable: Bool = false) {
        self.problems = problems
        self.isUnreadable = isUnreadable
    }

    /// The exit code of a program that ends with this error: 66 for input that cannot be read, else 78 (`sysexits.h`).
    public var exitCode: Int32 { isUnreadable ? 66 : 78 }
}

extension ConfigurationError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Every problem as a compiler would print it: with its line, and carets below.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }

    /// The same as ``description``. The runtime prints it when an error leaves `main`.
    public var debugDescription: String { description }
}

/// A problem of a configuration: its position, what was expected and found, and what to do.
public struct ConfigurationProblem: Sendable, Hashable {
    /// The position in the file; `nil` if the configuration was built in code.
    public var position: SourcePosition?
    /// How serious the problem is.
    public var severity: Severity
    /// The problem in one line, without secrets.
    public var message: String
    /// The line of the file at the position; `nil` if it might show a secret.
    public var excerpt: String?

    /// How serious a problem is. Closed by design.
    public enum Severity: String, Sendable, Hashable {
        /// The configuration cannot be used.
        case error
        /// The configuration can be used. `config check --all` notes what it could not check.
        case note
    }

    /// Makes a problem. By default it is an error.
    public init(
        _ message: String, at position: SourcePosition? = nil, severity: Severity = .error, excerpt: String? = nil
    ) {
        self.position = position
        self.severity = severity
        self.message = message
        self.excerpt = excerpt
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    /// `brokers.yaml:17:5: error: …`, then the line with carets below.
    public var description: String {
        guard let position else { return "\(severity.rawValue): \(message)" }
        let head = "\(position): \(severity.rawValue): \(message)"
        guard let excerpt else { return head }
        return "\(head)\n    \(excerpt)\n    \(carets(position, under: excerpt))"
    }

    /// Keeps the tabs of the line, so that the carets are in the right columns.
    private func carets(_ position: SourcePosition, under excerpt: String) -> String {
        let line = excerpt.unicodeScalars
        let indentation = line.prefix(position.column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
        let room = max(1, line.count - position.column + 1)
        return indentation + String(repeating: "^", count: min(position.length, room))
    }
}
