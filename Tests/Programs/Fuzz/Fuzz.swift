// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import FuzzTargets

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Attacks a decoder for a while: `Fuzz TARGET --seconds 60 --seed 1 --kept FOLDER --current FILE`.
///
/// The inputs that were kept come first, as they are. While an input is being decoded it lies in the file `--current`,
/// so that a crash leaves it there, and so does a broken promise. Ends with 0 when every promise held, with 1 when one
/// did not, and by a signal when the decoder crashed or took longer than ``patience``.
@main struct Fuzz {
    /// How many seconds an input may take; its processor time is bounded more closely.
    private static let patience: UInt32 = 30

    static func main() {
        guard let order = Order(CommandLine.arguments.dropFirst()) else {
            let names = FuzzTargets.all.map(\.name).joined(separator: "|")
            Complaints.add("usage: Fuzz \(names) [--seconds N] [--seed N] [--kept FOLDER] [--current FILE]\n")
            exit(64)
        }
        let kept = order.kept.map { KeptInputs.read($0) } ?? []
        var run = FuzzRun(order.target, seed: order.seed, kept: kept.map(\.bytes))
        do throws(FuzzRun.Failure) {
            for input in kept { try play(&run, order) { $0.take(input.bytes) } }
            try attack(&run, order)
        } catch {
            Complaints.add("\(order.target.name): seed \(order.seed), input \(run.tally.inputs): \(error)\n")
            exit(1)
        }
        if let file = order.current { unlink(file) }
        print("\(order.target.name): seed \(order.seed), \(run.tally), peak \(PeakMemory.bytes >> 20) MiB, 0 findings")
    }

    private static func attack(_ run: inout FuzzRun, _ order: Order) throws(FuzzRun.Failure) {
        let end = ContinuousClock.now + order.time
        var told = ContinuousClock.now
        while ContinuousClock.now < end {
            try play(&run, order) { $0.draw() }
            guard Complaints.areWatched, ContinuousClock.now - told > .seconds(1) else { continue }
            told = .now
            let left = (end - told).components.seconds
            Complaints.add("\r\(order.target.name): \(run.tally.inputs) inputs, \(left) s left ")
        }
        if Complaints.areWatched { Complaints.add("\r\u{1B}[K") }
    }

    private static func play(
        _ run: inout FuzzRun, _ order: Order, _ choose: (inout FuzzRun) -> Void
    ) throws(FuzzRun.Failure) {
        choose(&run)
        if let file = order.current { KeptInputs.write(run.current, to: file) }
        let before = PeakMemory.bytes
        alarm(patience)
        try run.check()
        alarm(0)
        let grown = PeakMemory.bytes - before
        guard grown > (64 << 20) + 1000 * run.current.count else { return }
        throw FuzzRun.Failure(input: run.current, promise: "decoding takes bounded memory", seen: "\(grown) bytes")
    }
}
