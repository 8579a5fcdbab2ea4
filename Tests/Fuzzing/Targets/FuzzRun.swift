// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit

/// A run of one target from a seed: valid inputs and kept ones, changed again and again.
///
/// An input whose outcome was not seen before joins those that are changed, so that a run finds its way into a decoder
/// without knowing its code.
package struct FuzzRun {
    /// What a run has done.
    package struct Tally: Sendable, CustomStringConvertible {
        /// How many inputs were decoded, and how many bytes these were.
        package var inputs = 0, bytes = 0
        /// How many kinds of outcome there were.
        package var outcomes: Set<String> = []
        /// The processor time that the slowest input took, and its length.
        package var slowest = (time: Duration.zero, bytes: 0)

        /// All of it, in a line.
        package var description: String {
            "\(inputs) inputs, \(bytes >> 20) MiB, \(outcomes.count) kinds of outcome, "
                + "slowest \(slowest.time) for \(slowest.bytes) bytes"
        }
    }

    /// What broke a promise.
    package struct Failure: Error, CustomStringConvertible {
        /// The input, which is to be kept.
        package let input: [UInt8]
        /// The promise.
        package let finding: FuzzFinding

        init(input: [UInt8], finding: FuzzFinding) {
            self.input = input
            self.finding = finding
        }

        /// Makes a failure for what is seen from outside the decoder.
        package init(input: [UInt8], promise: String, seen: String) {
            self.init(input: input, finding: FuzzFinding(promise, seen))
        }

        /// The promise and the input, to be pasted into a test.
        package var description: String { "\(finding)\ninput: \(input.prefix(400))" }
    }

    /// What one input may take: a start, and so much for each of its bytes. Not optimised, a map of all slots alone takes
    /// half a second on a slow machine.
    #if DEBUG
        package static let start = Duration.milliseconds(1500)
    #else
        package static let start = Duration.milliseconds(500)
    #endif
    /// The processor time that a byte may take, in a build without optimisation too.
    package static let perByte = Duration.microseconds(200)

    private let target: any FuzzTarget
    private let mutator: Mutator
    private var random: SeededGenerator
    private var pool: [[UInt8]]
    /// What was done so far.
    package private(set) var tally = Tally()
    /// The input that is being decoded, for whoever must tell what crashed.
    package private(set) var current: [UInt8] = []

    /// Begins a run with inputs that were kept.
    package init(_ target: any FuzzTarget, seed: UInt64, kept: [[UInt8]] = []) {
        self.target = target
        mutator = Mutator(words: target.words)
        random = SeededGenerator(seed: seed)
        pool = kept
    }

    /// Takes an input as the next one.
    package mutating func take(_ input: [UInt8]) {
        current = input
    }

    /// Draws the next input.
    package mutating func draw() {
        let isFresh = pool.isEmpty || Int.random(in: 0..<8, using: &random) == 0
        let start = isFresh ? target.makeInput(using: &random) : pool.randomElement(using: &random) ?? []
        let isValid = Int.random(in: 0..<16, using: &random) == 0
        let other = pool.randomElement(using: &random) ?? start
        current = isValid ? start : mutator.mutate(start, other, using: &random)
    }

    /// Decodes what was drawn.
    package mutating func check() throws(Failure) {
        let began = ProcessorTime.ofThread
        do throws(FuzzFinding) {
            let outcome = try target.check(current)
            if pool.count < 4000, tally.outcomes.insert(outcome).inserted { pool.append(current) }
            try count(ProcessorTime.ofThread - began)
        } catch {
            throw Failure(input: current, finding: error)
        }
    }

    /// Draws and decodes the next input.
    package mutating func step() throws(Failure) {
        draw()
        try check()
    }

    private mutating func count(_ time: Duration) throws(FuzzFinding) {
        tally.inputs += 1
        tally.bytes += current.count
        if time > tally.slowest.time { tally.slowest = (time, current.count) }
        let bound = Self.start + Self.perByte * current.count
        try hold("decoding takes bounded time", time <= bound, "\(time) for \(current.count) bytes")
    }
}
