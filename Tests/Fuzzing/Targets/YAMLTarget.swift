// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
package import BrokerTestKit
package import BrokerYAML
import StreamBroker

/// Configuration files, from bytes to a configuration: usable, or refused by problems that say where.
package struct YAMLTarget: FuzzTarget {
    private let read: @Sendable ([UInt8]) -> YAMLDocument

    /// Makes a target; a test may plant a reader with a mistake.
    package init(read: @escaping @Sendable ([UInt8]) -> YAMLDocument = { YAMLReader.read($0, file: Self.file) }) {
        self.read = read
    }

    private static let file = "brokers.yaml"
    /// Some that are set, one of them empty, one with what looks like YAML.
    private static let variables = ["URL": "redis://localhost", "N": "7", "EMPTY": "", "ODD": "a: [1, *x"]

    package let name = "yaml"
    package let words = YAMLWords.all

    package func makeInput(using random: inout SeededGenerator) -> [UInt8] {
        var draw = YAMLDraw(random: random)
        defer { random = draw.random }
        return Array(draw.file().utf8)
    }

    package func check(_ input: [UInt8]) throws(FuzzFinding) -> String {
        let document = read(input)
        try check(document.problems, of: input)
        let kind = try checkConfiguration(input, environment: nil)
        guard let root = document.root else {
            try hold("a file that is not read has a problem", !document.problems.isEmpty)
            return "unread \(document.problems.last?.message.outline ?? "")"
        }
        let size = root.size
        try hold(
            "no tree is larger than its file and its aliases", size.nodes <= input.count + 1 + 1000, "\(size.nodes)")
        try hold("no tree is deeper than 64 levels", size.depth <= YAMLReader.maximumDepth + 1, "\(size.depth)")
        if document.problems.isEmpty { try checkRoundTrip(root) }
        let environments = ConfigurationAssembly.environments(of: root)
        return try kind + checkConfiguration(input, environment: environments.first ?? "dev")
    }

    /// A tree that is written with every text in quotes is read as the same tree.
    private func checkRoundTrip(_ root: ConfigurationNode) throws(FuzzFinding) {
        let text = root.quotedYAML
        guard text.utf8.count <= YAMLReader.maximumBytes else { return }
        let again = read(Array(text.utf8))
        try hold("a tree is read when it is written", again.problems.isEmpty, again.problems.first?.message ?? "")
        try hold("a tree is the same when it is written and read", again.root?.quotedYAML == text)
    }

    /// The whole way, with the providers that are built in; nothing connects.
    private func checkConfiguration(_ input: [UInt8], environment: String?) throws(FuzzFinding) -> String {
        let report = ConfigurationLoader.inspect(
            input, file: Self.file, environment: environment, variables: Self.variables,
            factories: BrokerRegistry.builtInProviders)
        try check(report.problems, of: input)
        switch Result(catching: { () throws(ConfigurationError) in try report.usable }) {
        case .success(let configuration):
            try hold("a configuration that is usable has brokers", !configuration.brokers.isEmpty)
            // What `config show` prints.
            return "usable \(report.resolved?.values.isEmpty == false)"
        case .failure(let error):
            try hold("a refusal has problems", !error.problems.isEmpty)
            try hold("a refusal of a file ends with 78", error.exitCode == 78)
            return error.problems.prefix(2).map(\.message.outline).joined(separator: ";")
        }
    }

    /// Problems are few, short, and each is somewhere.
    private func check(_ problems: [ConfigurationProblem], of input: [UInt8]) throws(FuzzFinding) {
        var size = 0
        for problem in problems {
            guard let place = problem.position else { throw FuzzFinding("a problem is somewhere", problem.message) }
            let isSomewhere = place.line >= 1 && place.column >= 1 && place.length >= 1
            try hold("a problem is somewhere in its file", isSomewhere, "\(place) \(problem.message)")
            try hold("a problem is no further than its file goes", place.line <= input.count + 1, "\(place)")
            try hold(
                "a problem is one line", problem.message.unicodeScalars.allSatisfy(\.isPlainlyVisible), problem.message)
            size += problem.description.utf8.count
        }
        // Each problem takes a byte of the file at least, and tells no more than a few lines.
        try hold("problems are few", problems.count <= 2 * input.count + 20, "\(problems.count)")
        try hold("what is said is bounded", size <= 4000 * (problems.count + 1), "\(size) bytes")
    }
}
