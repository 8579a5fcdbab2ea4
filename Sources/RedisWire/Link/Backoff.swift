// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How long to wait before the next attempt to connect: exponential with full jitter, so that the clients of a server
/// that restarts do not all connect at once.
package struct Backoff: Sendable, Hashable {
    /// The bound of the first wait; default 50 ms.
    package var initial: Duration = .milliseconds(50)
    /// The bound that no wait exceeds; default 5 s.
    package var maximum: Duration = .seconds(5)

    private(set) var failures = 0
    private var needsHelp = false

    /// Makes the default back-off.
    package init() {}

    /// Counts a connection that could not be made.
    ///
    /// - Parameter needsHelp: Whether a person must change something first, such as a password.
    package mutating func failed(needsHelp: Bool) {
        failures = min(failures + 1, 30)
        self.needsHelp = needsHelp
    }

    /// Counts a connection that was made. If it breaks at once, the next wait is short, but not zero.
    package mutating func succeeded() {
        failures = 1
        needsHelp = false
    }

    /// Returns the wait before the next attempt; zero before the first one.
    ///
    /// - Parameter chance: A number from 0 to 1 drawn at random.
    package func wait(chance: Double) -> Duration {
        if failures == 0 { return .zero }
        if needsHelp {
            let least = min(maximum, .seconds(1) * (1 << min(failures - 1, 20)))
            return least + least * chance
        }
        let bound = min(maximum, initial * (1 << (failures - 1)))
        return bound * chance
    }
}
