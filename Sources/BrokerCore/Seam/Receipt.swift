// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The proof of a lease: the entry, the epoch of the group, and the fencing token.
///
/// Receipts of one entry compare by epoch and token: the greater one is newer. The token rises with every lease of an
/// entry and never falls. A provider raises the epoch when it has lost its group or reached another server. Receipts of
/// different epochs may mean different messages. Both numbers are opaque to everyone but the provider.
public struct Receipt: Sendable, Hashable {
    /// The stream of the entry.
    public var stream: StreamName
    /// The id of the entry.
    public var id: MessageID
    /// The epoch of the group in which the lease was made.
    public var epoch: UInt64
    /// The fencing token of the lease.
    public var token: UInt64

    /// Makes a receipt. Only providers do this.
    public init(stream: StreamName, id: MessageID, epoch: UInt64, token: UInt64) {
        self.stream = stream
        self.id = id
        self.epoch = epoch
        self.token = token
    }
}

extension Receipt: Comparable {
    /// Compares entry id, epoch, token and stream, in this order.
    public static func < (left: Receipt, right: Receipt) -> Bool {
        if left.id != right.id { return left.id < right.id }
        if left.epoch != right.epoch { return left.epoch < right.epoch }
        if left.token != right.token { return left.token < right.token }
        return left.stream < right.stream
    }
}

/// The arithmetic of fencing tokens: one number that rises with every lease and counts attempts and releases.
///
/// A lease adds 1. A release adds 999,999, so that the next lease has the same attempt and a greater token. The attempt
/// is the token modulo 1,000,000, and the number of releases is the quotient.
package enum FencingToken {
    /// The token of the first lease.
    package static let first: UInt64 = 1
    /// What a release adds, before the next lease adds 1.
    package static let refund: UInt64 = unit - 1

    /// Returns the token of a lease that is restored: greater, and with the same attempt.
    package static func restored(_ token: UInt64) -> UInt64 { token.addingReportingOverflow(unit).partialValue }

    private static let unit: UInt64 = 1_000_000

    /// Returns the number of the attempt, from 1.
    package static func attempt(of token: UInt64) -> Int { Int(token % unit) }

    /// How often the message has been released.
    package static func releases(of token: UInt64) -> Int { Int(token / unit) }
}
