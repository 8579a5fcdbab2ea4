// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Notices that the server stood still, or was out of reach, for so long that holders could not extend their leases.
///
/// The server's own clock goes on meanwhile, so its time says nothing about that. What says it is a call that failed or
/// came late, when nothing else was answered for two thirds of the visibility. Silence alone means nothing: who asks
/// nothing is answered nothing.
struct StallDetector: Sendable {
    private var lastAnswer: Instant?
    private var hasMissed = false

    /// A call was not answered.
    mutating func missed() {
        hasMissed = true
    }

    /// What was asked at `asked` has been answered, after the server may have waited by request for `blocking`.
    /// Returns whether a stall ends with it.
    mutating func answered(
        asked: Instant, blocking: Duration, at now: Instant, _ visibility: Duration
    ) -> Bool {
        if now - asked > blocking + visibility / 3 { hasMissed = true }
        defer {
            lastAnswer = now
            hasMissed = false
        }
        return isOver(at: now, visibility)
    }

    /// Whether a call that succeeds now ends a stall.
    func isOver(at now: Instant, _ visibility: Duration) -> Bool {
        guard hasMissed, let lastAnswer else { return false }
        return now - lastAnswer > visibility * 2 / 3
    }
}
