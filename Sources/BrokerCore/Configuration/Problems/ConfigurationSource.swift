// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The lines of a configuration file, to show them with errors.
///
/// Lines that may contain a secret are never shown, and neither are their continuations and very long lines.
package struct ConfigurationSource: Sendable {
    /// The name of the file as the user gave it.
    package let file: String
    private let lines: [String]
    private let hidden: Set<Int>

    /// The longest line that is shown, in characters.
    private static let maximumShown = 200

    /// Takes the lines of a file.
    package init(file: String, lines: [String]) {
        self.file = file
        self.lines = lines
        hidden = Self.secretLines(lines)
    }

    /// Returns the problems in the order of the file, each once, with their lines if these may be shown.
    package func annotate(_ problems: [ConfigurationProblem]) -> [ConfigurationProblem] {
        var seen: Set<ConfigurationProblem> = []
        let sorted = problems.enumerated().sorted { left, right in
            Self.key(left.element, left.offset) < Self.key(right.element, right.offset)
        }
        return sorted.map(\.element).filter { seen.insert($0).inserted }.map { problem in
            var problem = problem
            problem.excerpt = problem.position.flatMap(excerpt)
            return problem
        }
    }

    /// Returns whether a line, counted from 1, may be shown: no secret is in it.
    package func shows(line: Int) -> Bool { lines.indices.contains(line - 1) && !hidden.contains(line - 1) }

    private func excerpt(of position: SourcePosition) -> String? {
        guard position.file == file, shows(line: position.line) else { return nil }
        let scalars = lines[position.line - 1].unicodeScalars
        guard !scalars.isEmpty, scalars.count <= Self.maximumShown else { return nil }
        return String(
            String.UnicodeScalarView(scalars.map { $0 == "\t" || $0.isPlainlyVisible ? $0 : "\u{FFFD}" }))
    }

    private static func key(_ problem: ConfigurationProblem, _ offset: Int) -> (Int, Int, Int) {
        (problem.position?.line ?? .max, problem.position?.column ?? .max, offset)
    }

    /// A secret may continue below its key: everything up to the next key that is not deeper belongs to it.
    private static func secretLines(_ lines: [String]) -> Set<Int> {
        var hidden: Set<Int> = []
        var secretIndentation: Int?
        for (index, line) in lines.enumerated() {
            let indentation = line.prefix { $0 == " " }.count
            let isKey = line.contains(":") || line.dropFirst(indentation).hasPrefix("-")
            if let depth = secretIndentation, indentation > depth || !isKey {
                hidden.insert(index)
                continue
            }
            secretIndentation = Redaction.mayHoldSecret(line: line) ? indentation : nil
            if secretIndentation != nil { hidden.insert(index) }
        }
        return hidden
    }
}
