// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Everything that was measured, with what it was measured on.
struct Report: Codable, Sendable {
    var machine: Machine
    /// What is on while it is measured.
    var engine: String
    /// How many messages a run had, before its benchmark's share.
    var messages: Int
    /// What to type to measure the same again.
    var again: String
    var results: [Result]

    /// One object, its keys in a stable order.
    var json: String {
        get throws { try JSONMessageCodec().encode(self).string }
    }

    /// A table for people.
    var text: String {
        var lines = ["machine   \(machine.description)", "engine    \(engine)", "again     \(again)", ""]
        let width = results.map(\.name.count).max() ?? 0
        for result in results {
            let name = result.name.padded(to: width)
            let median = format(result.median, result.unit).padded(to: 10, toTheRight: true)
            let range = "\(format(result.least, result.unit)) .. \(format(result.greatest, result.unit))"
            let ratio = result.ratio.map { "   \(rounded($0)) x yardstick" } ?? ""
            lines.append("\(name)  \(median) \(result.unit.rawValue)   \(range)\(ratio)")
        }
        return lines.joined(separator: "\n")
    }

    private func format(_ value: Double, _ unit: Measure.Unit) -> String {
        switch unit {
        case .messagesPerSecond: grouped(Int(value))
        case .microseconds: "\((value * 10).rounded() / 10)"
        case .allocationsPerMessage, .percentOfCore, .microsecondsPerMessage: rounded(value)
        }
    }

    private func rounded(_ value: Double) -> String {
        "\((value * 100).rounded() / 100)"
    }

    private func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        let parts = stride(from: digits.count, to: 0, by: -3).map { String(digits[max(0, $0 - 3)..<$0]) }
        return parts.reversed().joined(separator: ",")
    }
}

extension String {
    fileprivate func padded(to width: Int, toTheRight: Bool = false) -> String {
        let padding = String(repeating: " ", count: max(0, width - count))
        return toTheRight ? padding + self : self + padding
    }
}
