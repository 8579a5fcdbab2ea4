// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Reads YAML into the neutral tree of the core, with the line and column of every key and value.
///
/// Nothing is interpreted here but `null`: what a scalar means is the affair of who asks for it. Refused, each with its
/// place: more than one document, duplicate keys, merge keys, tags, aliases that are not known, recursive or keys, more
/// than ``maximumAliasNodes`` nodes from aliases, more than ``maximumDepth`` levels, and files that are not UTF-8.
package enum YAMLReader {
    /// The largest file, in bytes.
    package static let maximumBytes = 1 << 20
    /// The deepest nesting.
    package static let maximumDepth = 64
    /// How many nodes aliases may stand for in all.
    package static let maximumAliasNodes = 1000

    /// Reads a file; `file` is its name in messages.
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
        var builder = YAMLTreeBuilder(file: file, lines: lines)
        YAMLEvents.read(bytes, file: file, into: &builder)
        return YAMLDocument(root: builder.tree, problems: builder.problems, source: source)
    }
}
