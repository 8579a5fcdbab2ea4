// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Which calls of a consumer fail, and since when: a pure value.
struct ConsumerHealth: Sendable {
    private(set) var failing: [ProviderCall: (error: BrokerError, since: Instant, count: Int)] = [:]

    /// Takes note of a failure; returns how many there have been in a row.
    mutating func fail(_ call: ProviderCall, _ error: BrokerError, now: Instant) -> Int {
        let count = (failing[call]?.count ?? 0) + 1
        failing[call] = (error, failing[call]?.since ?? now, count)
        return count
    }

    /// Takes note of a success; returns whether the call had failed before.
    mutating func recover(_ call: ProviderCall) -> Bool {
        failing.removeValue(forKey: call) != nil
    }
}
