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
            let rig = DifferentialRig(server: server, clock: clock, redis: try await link.connection())
            let result = try await body(rig)
            await link.close()
            return result
        }
    }

    /// Draws a sequence from a seed while it runs; answers it, and where model and server differ.
    func run(seed: UInt64, calls count: Int = 60) async throws -> (sequence: CallSequence, Difference?) {
        var generator = CallGenerator(seed: seed)
        var sequence = CallSequence(visibility: generator.visibility, [])
        let difference = try await run(sequence) { run in
            for _ in 0..<count {
                let call = generator.next(run.clients)
                sequence.calls.append(call)
                try await run.make(call)
            }
        }
        return (sequence, difference)
    }

    /// Runs a sequence; answers where model and server differ.
    func run(_ sequence: CallSequence) async throws -> Difference? {
        try await run(sequence) { run in
            for call in sequence.calls { try await run.make(call) }
        }
    }

    private func run(
        _ sequence: CallSequence, _ calls: (inout DifferentialRun) async throws -> Void
    ) async throws -> Difference? {
        var run = try await DifferentialRun(self, visibility: sequence.visibility)
        do {
            try await calls(&run)
            try await run.drain()
        } catch let difference as Difference {
            await run.close()
            return difference
        }
        await run.close()
        return nil
    }
}
