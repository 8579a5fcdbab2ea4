// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import Testing

/// What workers cost while something is wrong: a loop that does not wait shows here.
struct Calm {
    /// Log lines a second and worker.
    static let mostLines = 5.0
    /// Share of a core and worker.
    static let mostProcessorTime = 0.3

    /// Runs `body`, which takes some seconds, and expects the workers to be calm meanwhile.
    static func expect(
        of crew: Supervisor, _ what: String, location: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async throws {
        let (begin, processor, lines) = (WorkerLedger.now, crew.processorTime, crew.lines.count)
        try await body()
        let seconds = Double(WorkerLedger.now - begin) / 1000
        let workers = Double(max(1, crew.pids.count))
        let load = Double(crew.processorTime - processor) / 1000 / seconds / workers
        let logged = crew.lines.dropFirst(lines).filter { $0.event == "log" }
        let rate = Double(logged.count) / seconds / workers
        print("\(what): \(seconds) s, \(logged.count) log lines, \(Int(load * 100)) % of a core")
        #expect(load < mostProcessorTime, "\(what)", sourceLocation: location)
        #expect(rate <= mostLines, "\(what): \(logged.suffix(20))", sourceLocation: location)
    }

    /// Lets time pass that is measured, not waited for.
    static func pass(_ duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
