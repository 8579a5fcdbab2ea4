// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Reads YAML into the neutral tree of the core, with the line and column of every key and value.
///
/// It interprets nothing but `null`: the reader of a value decides what its text means. It refuses, each with its place:
/// more than one document, duplicate keys, merge keys, tags, aliases that are unknown, recursive or used as keys, more
/// than ``maximumAliasNodes`` nodes from aliases, more than ``maximumDepth`` levels, and files that are not UTF-8.
package enum YAMLReader {
    /// The largest file, in bytes.
    package static let maximumBytes = 1 << 20
    /// The deepest nesting.
    package static let maximumDepth = 64
    /// The largest number of nodes that come from aliases.
    package static let maximumAliasNodes = 1000

    /// Reads the bytes of a file; `file` is its name in messages.
    package static func read(_ bytes: [UInt8], file: String) -> YAMLDocument {
        if let problem = YAMLText.sizeProblem(bytes, file: file) {
            return YAMLDocument(root: nil, problems: [problem], source: ConfigurationSource(file: file, lines: []))
        }
        let bytes = YAMLText.withoutMark(bytes)
        let lines = YAMLText.lines(bytes)
        let source = ConfigurationSource(file: file, lines: lines)
        if let problem = YAMLText.encodingProblem(bytes, file: file) {
            return YAMLDocument(root: nil, problems: [problem], source: source)
        }
        var builder = YAMLTreeBuilder(YAMLPlaces(source, lines: lines))
        YAMLEvents.read(bytes, file: file, into: &builder)
        return YAMLDocument(root: builder.tree, problems: builder.problems, source: source)
    }
}

/// The content of a YAML file: its tree, its problems and its lines.
package struct YAMLDocument: Sendable {
    /// The tree; `nil` when the file could not be read to its end.
    package var root: ConfigurationNode?
    /// The problems of the file as YAML.
    package var problems: [ConfigurationProblem]
    /// The lines, for excerpts.
    package var source: ConfigurationSource

    /// Makes a document.
    package init(root: ConfigurationNode?, problems: [ConfigurationProblem], source: ConfigurationSource) {
        self.root = root
        self.problems = problems
        self.source = source
    }
}
