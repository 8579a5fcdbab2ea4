// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What a consumer's policies say, as far as the verdict needs it.
package struct VerdictRules: Sendable {
    /// How often a message is tried, and when.
    package var retry: RetryPolicy
    /// Whether what is given up becomes a dead letter; else it is acknowledged.
    package var deadLetters: Bool
    /// Whether a failed message waits in its lane instead of being parked.
    package var retriesInPlace: Bool
    /// Whether the stream holds dead letters itself: what fails there is tried for ever.
    package var neverGivesUp: Bool

    package init(retry: RetryPolicy, deadLetters: Bool, retriesInPlace: Bool, neverGivesUp: Bool = false) {
        self.retry = retry
        self.deadLetters = deadLetters
        self.retriesInPlace = retriesInPlace
        self.neverGivesUp = neverGivesUp
    }

    /// How often a message may be run in all.
    package var attempts: Int { neverGivesUp ? .max : retry.attempts }

    /// A message released by choice this often has its next release counted as a retry.
    package static let maximumReleases = 100

    /// A message released by choice is not leased again for so long.
    package static let releasePause = Duration.seconds(1)
}
