// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// The duration as people read it in a log: `0.03ms`, `12.50ms`, `2.04s`; rounded to two decimals.
    package var forReaders: String {
        let nanoseconds = components.seconds.magnitude < 1 << 32 ? self / .nanoseconds(1) : .infinity
        guard nanoseconds.isFinite else { return "\(components.seconds)s" }
        let isLong = nanoseconds.magnitude >= 999_995_000
        return Self.decimal(nanoseconds / (isLong ? 1e9 : 1e6)) + (isLong ? "s" : "ms")
    }

    /// A number with two decimals: the standard library formats none.
    private static func decimal(_ number: Double) -> String {
        let hundredths = Int64((number.magnitude * 100).rounded())
        let fraction = hundredths % 100
        return "\(number < 0 ? "-" : "")\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
