// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The pause before a failed call is repeated: doubling, bounded, and with full jitter so that a fleet spreads out.
package struct CallBackoff: Sendable {
    /// How many calls have failed in a row.
    package private(set) var failures = 0

    package init() {}

    /// Takes note of a call that worked; returns whether the one before had failed.
    package mutating func succeed() -> Bool {
        defer { failures = 0 }
        return failures > 0
    }

    /// Takes note of a call that failed; returns how long to wait: 50 to 100 ms at first, 5 to 10 s at most.
    package mutating func fail(using generator: inout some RandomNumberGenerator) -> Duration {
        failures += 1
        let bound = min(10_000, 100 << min(failures - 1, 7))
        return .milliseconds(Int.random(in: (bound / 2)...bound, using: &generator))
    }
}
