// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What the command line asks for.
struct Options: Sendable {
    /// A word of the command line that means nothing.
    struct Mistake: Error {
        let message: String
    }

    static let usage = """
        usage: bench [--quick] [--json] [--messages N] [--runs N] [--only NAME] [--payloads FILE]
                     [--page FOLDER] [--from FILE] [--list] [--help]

          --quick          a tenth of the messages, three runs, unless given: to see that it works, not to compare
          --json           one JSON object on stdout; the table goes to stderr
          --messages N     how many messages a run has, 400000 unless given; costly benchmarks take a part of them
          --runs N         how often each benchmark is run, 5 unless given; the runs of all alternate
          --only NAME      only benchmarks whose name has this in it
          --payloads FILE  bodies for the typed handlers, one JSON object a line; generated ones unless given
          --page FOLDER    writes the tables of performance.md in this folder, and its charts, when all is measured
          --from FILE      measures nothing, and takes the results that --json printed to this file; several are put
                           together
          --list           names the benchmarks and runs none
        """

    /// How many messages a run has.
    var messages: Int { givenMessages ?? (isQuick ? 40_000 : 400_000) }
    /// How often each benchmark is run.
    var runs: Int { givenRuns ?? (isQuick ? 3 : 5) }
    var only: String?
    var payloads: String?
    var page: String?
    var from: [String] = []
    var wantsJSON = false
    var wantsHelp = false
    var wantsList = false
    /// What ``IdleConsumer`` is to do in this process; `nil` to measure.
    var idle: (port: Int, subscriptions: Int)?
    private var isQuick = false
    private var givenMessages: Int?
    private var givenRuns: Int?

    /// The words that they were read from.
    private let words: [String]

    /// What to type to measure the same again.
    var command: String {
        let quoted = words.map { $0.contains(" ") ? "'\($0)'" : $0 }
        return (["swift run -c release --package-path Benchmarks Bench"] + quoted).joined(separator: " ")
    }

    init(_ arguments: [String]) throws(Mistake) {
        words = arguments
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--quick": isQuick = true
            case "--json": wantsJSON = true
            case "--list": wantsList = true
            case "--help", "-h": wantsHelp = true
            case "--messages": givenMessages = try Self.number(after: word, in: &rest, least: 1024)
            case "--runs": givenRuns = try Self.number(after: word, in: &rest, least: 1)
            case "--only": only = try Self.text(after: word, in: &rest)
            case "--page": page = try Self.text(after: word, in: &rest)
            case "--from": from.append(try Self.text(after: word, in: &rest))
            case "--payloads": payloads = try Self.text(after: word, in: &rest)
            case "--idle":
                let port = try Self.number(after: word, in: &rest, least: 1)
                idle = (port, try Self.number(after: word, in: &rest, least: 1))
            default: throw Mistake(message: "nothing is called \(word)")
            }
        }
        guard (page == nil && from.isEmpty) || (only == nil && payloads == nil) else {
            throw Mistake(message: "--page and --from take all results; leave --only and --payloads out")
        }
    }

    private static func text(after option: String, in rest: inout ArraySlice<String>) throws(Mistake) -> String {
        guard let text = rest.popFirst() else { throw Mistake(message: "\(option) needs a value") }
        return text
    }

    private static func number(
        after option: String, in rest: inout ArraySlice<String>, least: Int
    ) throws(Mistake) -> Int {
        guard let number = Int(try text(after: option, in: &rest)), number >= least else {
            throw Mistake(message: "\(option) needs a number of at least \(least)")
        }
        return number
    }
}
