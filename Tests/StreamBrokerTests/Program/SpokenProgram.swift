// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// A program that says its log: what a person reads who starts it.
final class SpokenProgram: Sendable {
    let child: ChildProcess
    private let file: ConfigurationFixture

    /// Starts a program on a broker.
    ///
    /// - Parameters:
    ///   - behaviour: What it does.
    ///   - options: The broker in the file, such as `provider: memory`.
    ///   - guarantee: What the stream demands.
    ///   - more: More lines of the file.
    init(
        _ behaviour: Behaviour, _ options: String, drain: String = "20s", guarantee: String = "at-least-once",
        more: String = "", environment: [String: String] = [:]
    ) throws {
        let text = """
            version: 1
            drain: \(drain)
            brokers: { events: { \(options) } }
            streams: { work: { guarantee: \(guarantee), groups: { workers: { concurrency: 2 } } } }
            \(more)
            """
        file = try ConfigurationFixture(Array(text.utf8))
        child = try ChildProcess(
            "ProgramUnderTest", [behaviour.rawValue, file.path],
            environment: environment.merging(["SPEAK_LOG": "1"]) { $1 })
    }

    /// What the log has so far.
    var log: [String] {
        child.lines.filter { line in
            ["info: ", "notice: ", "warning: ", "error: ", "critical: "].contains { line.hasPrefix($0) }
        }
    }

    /// Sends a signal and waits for the end.
    @discardableResult
    func end(by signal: Int32) async throws -> Int32 {
        child.send(signal)
        return try await child.exit().code
    }
}
