// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension Measure.Unit {
    /// A number of this unit as the table on the terminal shows it.
    func text(_ value: Double) -> String {
        switch self {
        case .messagesPerSecond: value.text(decimals: 0)
        case .microseconds, .mebibytes: value.text(decimals: 1)
        case .allocationsPerMessage, .percentOfCore, .microsecondsPerMessage: value.text(decimals: 2)
        }
    }

    /// A number of this unit where there is little room.
    func short(_ value: Double) -> String {
        switch self {
        case .messagesPerSecond where value >= 999_500: "\((value / 1e6).text(decimals: 2))M"
        case .messagesPerSecond where value >= 9_950: "\((value / 1e3).text(decimals: 0))k"
        case .messagesPerSecond where value >= 1000: "\((value / 1e3).text(decimals: 1))k"
        case .messagesPerSecond, .microseconds: value.text(decimals: 0)
        case .mebibytes: value.text(decimals: 1)
        case .allocationsPerMessage, .percentOfCore, .microsecondsPerMessage: value.text(decimals: 2)
        }
    }
}

extension Double {
    /// This number with so many digits behind the point, and its thousands apart. It must not be negative.
    func text(decimals: Int) -> String {
        guard isFinite else { return "unknown" }
        let unit = (0..<decimals).reduce(1) { unit, _ in unit * 10 }
        let number = Int((self * Double(unit)).rounded())
        guard decimals > 0 else { return number.grouped }
        let rest = String(number % unit)
        return (number / unit).grouped + "." + String(repeating: "0", count: decimals - rest.count) + rest
    }
}

extension Int {
    /// This number with its thousands apart.
    var grouped: String {
        let digits = Array(String(self))
        let parts = stride(from: digits.count, to: 0, by: -3).map { String(digits[Swift.max(0, $0 - 3)..<$0]) }
        return parts.reversed().joined(separator: ",")
    }
}
