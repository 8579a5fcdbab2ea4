// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit
import FuzzTargets

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Attacks a decoder for a while: `Fuzz TARGET --seconds 60 --seed 1 --kept FOLDER --current FILE`.
///
/// While an input is being decoded it lies in the file `--current`, so that a crash leaves it there. `--draw FOLDER`
/// writes valid inputs instead, to begin with. In a build for libFuzzer, `--coverage` hands the rest of the arguments
/// to it. Ends with 0 when every promise held, else with 1.
@main struct Fuzz {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let targets = FuzzTargets.all
        guard let name = arguments.first, let target = targets.first(where: { $0.name == name }) else {
            say("usage: Fuzz \(targets.map(\.name).joined(separator: "|")) [--seconds n] [--seed n] [--kept folder]")
            exit(64)
        }
        arguments.removeFirst()
        #if LIBFUZZER
            if arguments.first == "--coverage" { CoverageRun.run(target, Array(arguments.dropFirst())) }
        #endif
        let options = Options(arguments)
        if let folder = options["draw"] { return draw(target, into: folder) }
        attack(target, options)
    }

    private static func attack(_ target: any FuzzTarget, _ options: Options) {
        let seed = options["seed"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
        let end = ContinuousClock.now + .seconds(options["seconds"].flatMap { Int($0) } ?? 10)
        let kept = options["kept"].map { KeptInputs.read($0).map(\.bytes) } ?? []
        var run = FuzzRun(target, seed: seed, kept: kept)
        do throws(FuzzRun.Failure) {
            while ContinuousClock.now < end { try step(&run, options["current"]) }
        } catch {
            say("\(target.name): seed \(seed), input \(run.tally.inputs): \(error)")
            exit(1)
        }
        if let file = options["current"] { unlink(file) }
        let tally = run.tally
        print(
            "\(target.name): seed \(seed), \(tally.inputs) inputs, \(tally.bytes >> 20) MiB, "
                + "\(tally.outcomes.count) kinds of outcome, slowest \(tally.slowest.time) for "
                + "\(tally.slowest.bytes) bytes, peak \(PeakMemory.bytes >> 20) MiB, 0 findings")
    }

    private static func step(_ run: inout FuzzRun, _ file: String?) throws(FuzzRun.Failure) {
        run.draw()
        if let file { KeptInputs.write(run.current, to: file) }
        let before = PeakMemory.bytes
        try run.check()
        let grown = PeakMemory.bytes - before
        guard grown > (64 << 20) + 1000 * run.current.count else { return }
        throw FuzzRun.Failure(input: run.current, promise: "decoding takes bounded memory", seen: "\(grown) bytes")
    }

    private static func draw(_ target: any FuzzTarget, into folder: String) {
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            KeptInputs.write(target.makeInput(using: &random), to: "\(folder)/drawn-\(seed)")
        }
    }

    static func say(_ text: String) {
        let bytes = Array("\(text)\n".utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Options written `--name value`.
struct Options {
    private var values: [String: String] = [:]

    init(_ arguments: [String]) {
        for (name, value) in zip(arguments, arguments.dropFirst()) where name.hasPrefix("--") {
            values[String(name.dropFirst(2))] = value
        }
    }

    subscript(name: String) -> String? { values[name] }
}
