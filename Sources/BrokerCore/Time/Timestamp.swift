// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A point of wall-clock time in milliseconds, as servers write it into ids.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public var milliseconds: Int64

    /// Makes a timestamp.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Returns whether the left is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// Returns the timestamp that is later by the duration, rounded up to whole milliseconds.
    public static func + (timestamp: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: timestamp.milliseconds.addingSaturating(duration.millisecondsRoundedUp))
    }

    /// Returns the time from the right to the left. It is negative if the left is earlier.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds.subtractingSaturating(right.milliseconds))
    }
}

extension Timestamp {
    private static let millisecondsOfDay: Int64 = 86_400_000

    /// Reads `2026-01-31`, `2026-01-31T12:00:00Z`, `2026-01-31T12:00:00.250+01:00`. Returns `nil` for anything else.
    package init?(rfc3339 text: String) {
        let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard let date = parts.first, let days = Self.days(date) else { return nil }
        var milliseconds = days * Self.millisecondsOfDay
        if parts.count == 2 {
            guard let time = Self.time(parts[1]) else { return nil }
            milliseconds += time
        }
        self.init(milliseconds: milliseconds)
    }

    /// The time as `2026-01-31T12:00:00.250Z`, without the fraction if it is zero.
    package var rfc3339: String {
        var (days, rest) = milliseconds.quotientAndRemainder(dividingBy: Self.millisecondsOfDay)
        if rest < 0 { (days, rest) = (days - 1, rest + Self.millisecondsOfDay) }
        let (year, month, day) = Self.civil(days)
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { Self.padded($0, 2) }
        let fraction = rest % 1000 == 0 ? "" : ".\(Self.padded(rest % 1000, 3))"
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        return "\(date)T\(clock.joined(separator: ":"))\(fraction)Z"
    }

    /// Returns the days since 1970 of `2026-01-31`.
    private static func days(_ text: Substring) -> Int64? {
        let fields = text.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count == 3, let year = number(fields[0], 4, 1970...9999), let month = number(fields[1], 2, 1...12),
            let day = number(fields[2], 2, 1...31)
        else { return nil }
        let days = days(year, month, day)
        return civil(days) == (year, month, day) ? days : nil
    }

    /// Returns the milliseconds of `12:00:00Z`, minus the offset.
    private static func time(_ text: Substring) -> Int64? {
        guard let sign = text.lastIndex(where: { "Z+-".contains($0) }) else { return nil }
        guard let offset = offset(text[sign...]) else { return nil }
        let parts = text[..<sign].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fields = parts[0].split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 3, let hour = number(fields[0], 2, 0...23), let minute = number(fields[1], 2, 0...59),
            let second = number(fields[2], 2, 0...59)
        else { return nil }
        var milliseconds: Int64 = 0
        if parts.count == 2 {
            guard let fraction = number(parts[1], 3, 0...999) else { return nil }
            milliseconds = fraction
        }
        return (hour * 3600 + minute * 60 + second - offset) * 1000 + milliseconds
    }

    /// Returns the seconds of `Z` or `+01:00`.
    private static func offset(_ text: Substring) -> Int64? {
        if text == "Z" { return 0 }
        let fields = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 2, let hours = number(fields[0], 2, 0...23), let minutes = number(fields[1], 2, 0...59)
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return text.hasPrefix("-") ? -seconds : seconds
    }

    private static func number(_ text: Substring, _ digits: Int, _ range: ClosedRange<Int64>) -> Int64? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text),
            range.contains(number)
        else { return nil }
        return number
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Years begin in March here, so that a leap day is the last of its year.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of ``days(_:_:_:)``.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }
}
