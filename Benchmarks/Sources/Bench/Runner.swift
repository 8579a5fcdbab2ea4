// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Runs benchmarks in turn, several times over, so that what the machine does meanwhile meets all of them alike.
struct Runner: Sendable {
    let options: Options

    func run(_ benchmarks: [Benchmark]) async throws -> [Result] {
        var runs = [[Run]](repeating: [], count: benchmarks.count)
        // The first round warms up and is forgotten.
        for round in 0...options.runs {
            for (index, benchmark) in benchmarks.enumerated() {
                Console.progress("run \(round) of \(options.runs): \(benchmark.name)")
                let part = round == 0 ? 10 : 1
                let messages = max(1024, options.messages / benchmark.share / part)
                let run = try await Run(of: benchmark, messages)
                if round > 0 { runs[index].append(run) }
            }
        }
        Console.progress("")
        return compared(zip(benchmarks, runs).flatMap { Result.all($0, runs: $1) })
    }

    /// The same results, each with its ratio to its yardstick's.
    private func compared(_ results: [Result]) -> [Result] {
        let medians = Dictionary(results.map { ($0.name, $0.median) }) { first, _ in first }
        return results.map { result in
            var result = result
            result.ratio = result.yardstick.flatMap { medians[$0] }.flatMap { $0 > 0 ? result.median / $0 : nil }
            // A number of the yardstick's own has no other to be held against.
            if result.ratio == nil { result.yardstick = nil }
            return result
        }
    }
}

/// One run of a benchmark.
private struct Run {
    var sample: Sample
    /// Microseconds of processor time for each message.
    var processor: Double

    init(of benchmark: Benchmark, _ messages: Int) async throws {
        let before = Machine.processorTimeWithChildren
        sample = try await benchmark.run(messages)
        processor = (Machine.processorTimeWithChildren - before) / .microseconds(messages)
    }
}

/// What one number of a benchmark came to in several runs.
struct Result: Codable, Sendable {
    var name: String
    var unit: Measure.Unit
    var median: Double
    var least: Double
    var greatest: Double
    /// The name of what it is held against, and how many times as much it came to.
    var yardstick: String?
    var ratio: Double?
    /// Microseconds of processor time for each message, the median: of this program with all its threads, and of the
    /// yardstick, but not of the server. What is published beforehand counts too.
    var processor: Double

    /// One for each number that a run comes to.
    fileprivate static func all(_ benchmark: Benchmark, runs: [Run]) -> [Result] {
        guard let first = runs.first else { return [] }
        return first.sample.measures.indices.map { index in Result(benchmark, runs, index) }
    }

    /// The number at an index of each run's sample; there must be a run.
    private init(_ benchmark: Benchmark, _ runs: [Run], _ index: Int) {
        let measures = runs.map { $0.sample.measures[index] }
        let sorted = measures.map(\.value).sorted()
        name = measures[0].name(in: benchmark.name)
        unit = measures[0].unit
        yardstick = benchmark.yardstick.map(measures[0].name(in:))
        median = Self.median(sorted)
        least = sorted[0]
        greatest = sorted[sorted.count - 1]
        processor = Self.median(runs.map(\.processor).sorted())
    }

    private static func median(_ sorted: [Double]) -> Double {
        (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
    }
}
