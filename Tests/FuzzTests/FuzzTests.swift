// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit
import FuzzTargets
import Testing

/// The decoders under a bounded attack; `make fuzz` runs the same for as long as asked.
@Suite struct FuzzTests {
    static let corpus =
        "\(#filePath)".split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Fuzzing/Corpus"

    struct Part: Sendable, CustomTestStringConvertible {
        var target: any FuzzTarget
        var seed: UInt64
        var testDescription: String { "\(target.name) \(seed)" }
    }

    static let parts = FuzzTargets.all.flatMap { target in
        (1...3 as ClosedRange<UInt64>).map { Part(target: target, seed: $0) }
    }

    @Test(arguments: parts) func everyPromiseHolds(_ part: Part) throws {
        let kept = KeptInputs.read("\(Self.corpus)/\(part.target.name)").map(\.bytes)
        var run = FuzzRun(part.target, seed: part.seed, kept: kept)
        for _ in 0..<400 { try run.step() }
        #expect(run.tally.outcomes.count > 3)
    }

    @Test(arguments: FuzzTargets.all.map { Part(target: $0, seed: 0) })
    func inputsThatWereKeptNeverFailAgain(_ part: Part) throws {
        let kept = KeptInputs.read("\(Self.corpus)/\(part.target.name)")
        #expect(!kept.isEmpty)
        for input in kept {
            #expect(throws: Never.self, "\(input.name)") { try part.target.check(input.bytes) }
        }
    }

    @Test(arguments: FuzzTargets.all.map { Part(target: $0, seed: 7) })
    func aSeedGivesTheSameInputsAgain(_ part: Part) throws {
        var (first, second) = (FuzzRun(part.target, seed: 7), FuzzRun(part.target, seed: 7))
        for _ in 0..<30 {
            first.draw()
            second.draw()
            #expect(first.current == second.current)
        }
    }
}
