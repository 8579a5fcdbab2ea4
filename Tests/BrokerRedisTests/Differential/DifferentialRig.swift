// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire

/// A server whose clock is stopped, for one run after the other.
struct DifferentialRig {
    let server: RedisServer
    let clock: ServerClock
    let redis: RedisConnection

    static func with<Result>(_ body: (DifferentialRig) async throws -> Result) async throws -> Result {
        try await RedisServer.withClock { server, clock in
            let link = try server.link(server.socketURL)
            // It waits by the clock that is stopped, and would never rest.
            _ = try await link.connection().send(RedisCommands("CONFIG", "SET", "jemalloc-bg-thread", "no"))
            let rig = DifferentialRig(server: server, clock: clock, redis: try await link.connection())
            let result = try await body(rig)
            await link.close()
            return result
        }
    }

    /// Draws a sequence from a seed while it runs; returns it if model and server differ, and where.
    func run(
        seed: UInt64, _ tally: inout DifferentialTally
    ) async throws -> (sequence: CallSequence, difference: Difference)? {
        var generator = CallGenerator(seed: seed)
        var sequence = CallSequence(visibility: generator.visibility, [])
        let difference = try await run(sequence.visibility, &tally) { run in
            while sequence.calls.count < CallSequence.length {
                let call = generator.next(run.clients)
                sequence.calls.append(call)
                try await run.make(call)
            }
        }
        return difference.map { (sequence, $0) }
    }

    /// Runs a sequence; returns where model and server differ.
    func run(_ sequence: CallSequence) async throws -> Difference? {
        var tally = DifferentialTally()
        return try await run(sequence.visibility, &tally) { run in
            for call in sequence.calls { try await run.make(call) }
        }
    }

    private func run(
        _ visibility: Int, _ tally: inout DifferentialTally,
        _ calls: (inout DifferentialRun) async throws -> Void
    ) async throws -> Difference? {
        var run = try await DifferentialRun(self, visibility: visibility)
        var difference: Difference?
        do {
            try await calls(&run)
            try await run.drain()
        } catch let found as Difference {
            difference = found
        }
        tally += run.tally
        await run.close()
        return difference
    }
}
