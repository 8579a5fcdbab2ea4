// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What time the server has, reckoned from its last answer, so that a clock that was set can be told from time that
/// has passed.
package struct ExpectedTime: Sendable {
    private var last: (time: Int, at: Instant)?

    package init() {}

    /// Takes a time, in milliseconds since 1970, that the server has just answered; answers how far it is from what was
    /// expected.
    package mutating func learn(_ time: Int, at now: Instant) -> Duration {
        let expected = last == nil ? time : expected(at: now)
        last = (time, now)
        return .milliseconds(abs(time - expected))
    }

    /// The time that the server should have now; 0 as long as nothing is known.
    package func expected(at now: Instant) -> Int {
        guard let last else { return 0 }
        return last.time + Int(max(0, (now - last.at).millisecondsRoundedUp))
    }
}
