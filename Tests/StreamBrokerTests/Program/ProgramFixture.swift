// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisTestSupport
import Testing

/// The tests that start processes: one after another, since some of them keep every core busy.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(5))) struct ProgramTests {}

/// What `ProgramUnderTest` can be told to do; the same words as there.
enum Behaviour: String, CaseIterable {
    case quick, brief, slow, patient, deaf, spin, loud, jammed, idle, unheard, misfit, throwing, registering, stubborn
    case drained, describing, localizing, misdirected, exiting
}

/// `ProgramUnderTest` with a configuration of its own, and what it printed in numbers.
final class ProgramFixture: Sendable {
    let child: ChildProcess
    let file: ConfigurationFixture

    init(
        _ behaviour: Behaviour, provider: String = "memory", drain: String = "30s", concurrency: Int = 4,
        environment: [String: String] = [:], shell: String? = nil
    ) throws {
        let text = """
            version: 1
            drain: \(drain)
            brokers: { events: { provider: \(provider) } }
            streams: { work: { groups: { workers: { concurrency: \(concurrency) } } } }
            """
        file = try ConfigurationFixture(Array(text.utf8))
        child = try ChildProcess(
            "ProgramUnderTest", [behaviour.rawValue, file.path], environment: environment, shell: shell)
    }

    /// The numbers of the lines `WORD N`.
    func numbers(of word: String) -> [Int] {
        child.lines.compactMap { line in
            let parts = line.split(separator: " ")
            return parts.count == 2 && parts[0] == word ? Int(parts[1]) : nil
        }
    }

    func linesAfter(_ line: String) -> [String] {
        guard let index = child.lines.firstIndex(of: line) else { return [] }
        return Array(child.lines[(index + 1)...])
    }

    var settledCount: Int { child.lines.filter { $0.hasPrefix("settled") }.count }

    /// The ledger that is printed in the end.
    var counts: [String: Int]? {
        guard let line = child.lines.last, line.hasPrefix("ledger ") else { return nil }
        let pairs = line.dropFirst(7).split(separator: " ").map { $0.split(separator: "=") }
        return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), Int($0[1]) ?? -1) })
    }
}
