// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How numbers, durations and sizes are written in a configuration: each has one spelling.
///
/// Whole numbers are ASCII digits without a leading zero, with an optional minus unless they are zero. Everything else
/// is `nil`, also a number that is too large.
package enum ScalarGrammar {
    private static let durationUnits: [(suffix: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    private static let sizeUnits: [(suffix: String, bytes: Int)] = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    /// Reads `16`.
    package static func integer(_ text: some StringProtocol) -> Int? {
        let digits = text.hasPrefix("-") ? text.utf8.dropFirst() : text.utf8[...]
        let isZero = digits.first == UInt8(ascii: "0")
        guard isNumber(digits), !isZero || text.utf8.count == 1 else { return nil }
        return Int(text)
    }

    /// Reads `0.5`.
    package static func fraction(_ text: String) -> Double? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard text.utf8.count <= 32, parts.allSatisfy(isNumber) else { return nil }
        return Double(text)
    }

    /// Reads `true` and `false`.
    package static func flag(_ text: String) -> Bool? {
        switch text {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// Reads `30s`.
    package static func duration(_ text: String) -> Duration? {
        quantity(text, durationUnits.map { ($0.suffix, $0.milliseconds) }).map { .milliseconds($0) }
    }

    /// Reads `64KiB`, in bytes.
    package static func size(_ text: String) -> Int? {
        quantity(text, sizeUnits.map { ($0.suffix, $0.bytes) })
    }

    /// Writes a duration in the largest exact unit; up to one day in hours.
    package static func text(of duration: Duration) -> String {
        let milliseconds = Int(duration.millisecondsRoundedUp)
        let units = durationUnits.filter { $0.suffix != "d" || milliseconds > $0.milliseconds }
        let unit = milliseconds == 0 ? durationUnits[1] : largest(units, dividing: milliseconds) { $0.1 }
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }

    /// Writes a number of bytes in the largest exact unit.
    package static func text(ofSize bytes: Int) -> String {
        let unit = largest(sizeUnits, dividing: bytes) { $0.1 }
        return "\(bytes / unit.bytes)\(unit.suffix)"
    }

    /// Writes a fraction. Whole ones have no point.
    package static func text(ofFraction fraction: Double) -> String {
        let text = "\(fraction)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func quantity(_ text: String, _ units: [(suffix: String, factor: Int)]) -> Int? {
        let number = text.utf8.prefix { isDigit($0) || $0 == UInt8(ascii: "-") }
        let suffix = String(text.utf8.dropFirst(number.count))
        guard let unit = units.first(where: { $0.suffix == suffix }), let count = integer(String(number) ?? "") else {
            return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit.factor)
        return overflow ? nil : product
    }

    private static func largest<Unit>(_ units: [Unit], dividing count: Int, factor: (Unit) -> Int) -> Unit {
        units.last { count % factor($0) == 0 } ?? units[0]
    }

    private static func isNumber(_ digits: some Collection<UInt8>) -> Bool {
        !digits.isEmpty && digits.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
