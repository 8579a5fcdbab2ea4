// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What became of every benchmark between two commits.
struct Comparison: Encodable {
    /// A benchmark that both sides have.
    struct Row: Encodable {
        var name: String
        var unit: String
        /// `nil` when a side came to nothing in a round.
        var result: Change?
        /// Microseconds of processor time for each message; `nil` when a side does not report it.
        var processor: Change?

        /// The yardstick has none of our code: it shows the machine, not the commits.
        var isControl: Bool { name.contains("yardstick") }
        var verdicts: [Change.Verdict] { [result, processor].compactMap { $0?.verdict } }
    }

    var base: String
    var head: String
    var rounds: Int
    var machine: String
    /// In the order of the head.
    var rows: [Row] = []
    var onlyInBase: [String]
    var onlyInHead: [String]
    /// The names of the benchmarks whose result or processor time became worse.
    var worse: [String]
    var better: [String]
    /// The controls that moved: when there are any, the machine was not quiet.
    var moved: [String]

    /// `names` are the benchmarks of each side. `rounds` must not be empty.
    init(base: String, head: String, names: (base: [String], head: [String]), _ rounds: [Round]) {
        (self.base, self.head, self.rounds) = (base, head, rounds.count)
        onlyInBase = names.base.filter { !names.head.contains($0) }
        onlyInHead = names.head.filter { !names.base.contains($0) }
        rows = names.head.filter(names.base.contains).compactMap { Self.row($0, rounds) }
        let ours = rows.filter { !$0.isControl }
        worse = ours.filter { $0.verdicts.contains(.worse) }.map(\.name)
        better = ours.filter { $0.verdicts.contains(.better) }.map(\.name)
        moved = rows.filter { $0.isControl && $0.verdicts.contains { $0 != .same } }.map(\.name)
        let machines = rounds.flatMap { $0.base + $0.head }.map(\.machine)
        let loads = machines.map(\.load)
        let (least, greatest) = (loads.min() ?? 0, loads.max() ?? 0)
        machine =
            "\(machines[0].processor), \(machines[0].cores) cores, "
            + "load \(Table.hundredths(least)) to \(Table.hundredths(greatest))"
    }

    /// One object, its keys in a stable order.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    private static func row(_ name: String, _ rounds: [Round]) -> Row? {
        let pairs = rounds.compactMap { $0.pair(name) }
        guard let unit = pairs.first?.head.unit else { return nil }
        let processor = pairs.compactMap { base, head in
            base.processor.flatMap { base in head.processor.map { (base: base, head: $0) } }
        }
        return Row(
            name: name, unit: unit,
            // Rates are better when they are greater; times, shares and counts when they are smaller.
            result: Change(pairs.map { ($0.base.median, $0.head.median) }, isGreaterBetter: unit.hasSuffix("/s")),
            processor: Change(processor, isGreaterBetter: false))
    }
}
