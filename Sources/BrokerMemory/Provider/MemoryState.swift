// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What a provider in memory guards with its lock: the log, and the signals of those who wait.
struct MemoryState: Sendable {
    /// Everything that is stored.
    var log: MemoryLog
    /// Whether the provider has been closed.
    var isClosed = false
    /// Whom the numbers mean that the log wakes.
    var signals: [Int: WakeSignal] = [:]

    /// Gives a signal a number.
    mutating func enroll(_ signal: WakeSignal) -> Int {
        let number = log.makeNumber()
        signals[number] = signal
        return number
    }
}
