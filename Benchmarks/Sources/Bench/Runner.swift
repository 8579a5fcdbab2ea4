// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Runs benchmarks in turn, several times over, so that what the machine does meanwhile meets all of them alike.
struct Runner: Sendable {
    let options: Options

    func run(_ benchmarks: [Benchmark]) async throws -> [Result] {
        var samples = [[Sample]](repeating: [], count: benchmarks.count)
        // The first round warms up and is forgotten.
        for round in 0...options.runs {
            for (index, benchmark) in benchmarks.enumerated() {
                Console.progress("run \(round) of \(options.runs): \(benchmark.name)")
                let part = round == 0 ? 10 : 1
                let messages = max(1024, options.messages / benchmark.share / part)
                let sample = try await Sample(of: benchmark, messages)
                if round > 0 { samples[index].append(sample) }
            }
        }
        Console.progress("")
        return compared(zip(benchmarks, samples).map { Result($0, samples: $1) })
    }

    /// The same results, each with its ratio to its yardstick's.
    private func compared(_ results: [Result]) -> [Result] {
        let medians = Dictionary(results.map { ($0.name, $0.median) }) { first, _ in first }
        return results.map { result in
            var result = result
            result.ratio = result.yardstick.flatMap { medians[$0] }.map { result.median / $0 }
            return result
        }
    }
}

/// What one run of a benchmark came to.
private struct Sample {
    var value: Double
    /// Microseconds of processor time for each message.
    var processor: Double

    init(of benchmark: Benchmark, _ messages: Int) async throws {
        let before = Machine.processorTimeWithChildren
        value = try await benchmark.run(messages)
        processor = (Machine.processorTimeWithChildren - before) / .microseconds(messages)
    }
}

/// What several runs of one benchmark came to.
struct Result: Codable, Sendable {
    var name: String
    var unit: Benchmark.Unit
    var median: Double
    var least: Double
    var greatest: Double
    /// The name of what it is held against, and how many times as much it came to.
    var yardstick: String?
    var ratio: Double?
    /// Microseconds of processor time for each message, the median: of this program with all its threads, and of the
    /// yardstick, but not of the server. What is published beforehand counts too.
    var processor: Double

    /// `samples` must not be empty.
    fileprivate init(_ benchmark: Benchmark, samples: [Sample]) {
        let sorted = samples.map(\.value).sorted()
        name = benchmark.name
        unit = benchmark.unit
        yardstick = benchmark.yardstick
        median = Self.median(sorted)
        least = sorted[0]
        greatest = sorted[sorted.count - 1]
        processor = Self.median(samples.map(\.processor).sorted())
    }

    private static func median(_ sorted: [Double]) -> Double {
        (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
    }
}
