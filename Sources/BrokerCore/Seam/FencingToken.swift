// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The arithmetic of fencing tokens: one number that rises with every lease and still says how often a message was
/// tried and released.
///
/// Leasing adds 1. Releasing adds 999,999, so that the next lease lands on the same attempt with a greater token. The
/// attempt is the token modulo 1,000,000, the releases are what the division leaves.
package enum FencingToken {
    /// The token of the first lease.
    package static let first: UInt64 = 1
    /// What a release adds, before the next lease adds 1.
    package static let refund: UInt64 = unit - 1

    /// The token of a lease that is made again, since somebody took it away: of the same attempt, and greater.
    package static func restored(_ token: UInt64) -> UInt64 { token.addingReportingOverflow(unit).partialValue }

    private static let unit: UInt64 = 1_000_000

    /// The number of the attempt, from 1.
    package static func attempt(of token: UInt64) -> Int { Int(token % unit) }

    /// How often the message has been released.
    package static func releases(of token: UInt64) -> Int { Int(token / unit) }
}
