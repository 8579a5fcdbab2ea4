// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What one run came to: a number, or several of the same run.
struct Sample: Sendable {
    var measures: [Measure]

    init(_ measures: [Measure]) {
        self.measures = measures
    }

    /// One number, which the benchmark's name says enough about.
    init(_ value: Double, _ unit: Measure.Unit) {
        measures = [Measure(unit: unit, value: value)]
    }
}

/// One number of a run.
struct Measure: Sendable {
    enum Unit: String, Codable, Sendable {
        case messagesPerSecond = "messages/s"
        case allocationsPerMessage = "allocations/message"
        case percentOfCore = "% of a core"
        case mebibytes = "MiB"
        case microseconds = "µs"
        case microsecondsPerMessage = "µs/message"
    }

    /// What tells it from the other numbers of the run; `nil` for the one that the benchmark is named after.
    var name: String?
    var unit: Unit
    var value: Double

    /// The name of this number of a benchmark among all results.
    func name(in benchmark: String) -> String {
        name.map { "\(benchmark), \($0)" } ?? benchmark
    }

    /// The same number as that of somebody else in the same run.
    func of(_ owner: String) -> Measure {
        Measure(name: name(in: owner), unit: unit, value: value)
    }
}

extension Duration {
    /// How many of `count` things in this time make in a second.
    func perSecond(_ count: Int) -> Double { Double(count) / (self / .seconds(1)) }

    /// The sample of a run that came through `count` messages in this time.
    func rate(of count: Int) -> Sample { Sample(perSecond(count), .messagesPerSecond) }

    var microseconds: Double { self / .microseconds(1) }
}
