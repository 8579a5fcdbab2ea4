// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("Scripts under faults")
struct ScriptSimulationTests {
    @Test(
        "Whatever gets lost, nothing stays behind, nothing is held by two, nothing is buried twice",
        arguments: [1, 2, 3, 4])
    func faults(seed: UInt64) async throws {
        try await simulate(seed: seed, isMixed: false)
    }

    @Test("The same while consumers of the version before run beside those of this one", arguments: [5, 6, 7, 8])
    func beside(seed: UInt64) async throws {
        try await simulate(seed: seed, isMixed: true)
    }

    private func simulate(seed: UInt64, isMixed: Bool) async throws {
        try await ScriptBench.with(isFormer: isMixed) { bench in
            let ids = Set(try await bench.publish(80))
            var simulation = ScriptSimulation(bench, seed: seed, isMixed: isMixed)
            try await simulation.run(steps: 600)
            try await simulation.drain(rounds: 2_000)
            #expect(try await bench.pending() == [], "everything settles")
            #expect(ids.subtracting(simulation.acked).subtracting(simulation.buried) == [], "nothing is lost")
            #expect(simulation.doubled == [], "nobody is given what another still holds")
            let letters = try await bench.command("XRANGE", bench.letters, "-", "+").elements.map { entry in
                let texts = entry.elements[1].texts
                return texts.firstIndex(of: "sb-origin-id").map { texts[$0 + 1] } ?? ""
            }
            #expect(Set(letters).count == letters.count, "no second letter")
            #expect(simulation.buried == Set(letters))
            #expect(!simulation.buried.isEmpty && !simulation.acked.isEmpty)
            #expect(try await bench.sweep(by: "last").mended < 100)
            #expect(try await bench.waiting() == [])
        }
    }
}
