// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The pause before a failed call is repeated: doubling, bounded, and with full jitter so that a fleet spreads out.
package struct CallBackoff: Sendable {
    package private(set) var failures = 0

    package init() {}

    package mutating func succeed() -> Bool {
        defer { failures = 0 }
        return failures > 0
    }

    package mutating func fail(using generator: inout some RandomNumberGenerator) -> Duration {
        failures += 1
        let bound = min(10_000, 100 << min(failures - 1, 7))
        return .milliseconds(Int.random(in: (bound / 2)...bound, using: &generator))
    }
}
