// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The proof of a lease: which entry, in which life of the group, and under which fencing token.
///
/// Receipts of one entry compare by epoch and token: the greater is the newer. The token rises with every lease of an
/// entry and never falls. A provider raises the epoch when it has lost its group or reached another server; only a
/// receipt of the same epoch speaks of the same message. Both numbers are opaque to everybody but the provider.
public struct Receipt: Sendable, Hashable {
    /// The stream of the entry.
    public var stream: StreamName
    /// The id of the entry.
    public var id: MessageID
    /// The life of the group in which the lease was made.
    public var epoch: UInt64
    /// The fencing token of the lease.
    public var token: UInt64

    /// Makes a receipt; only providers do.
    public init(stream: StreamName, id: MessageID, epoch: UInt64, token: UInt64) {
        self.stream = stream
        self.id = id
        self.epoch = epoch
        self.token = token
    }
}

extension Receipt: Comparable {
    /// Compares entry id, epoch and token in that order; the stream breaks ties.
    public static func < (left: Receipt, right: Receipt) -> Bool {
        if left.id != right.id { return left.id < right.id }
        if left.epoch != right.epoch { return left.epoch < right.epoch }
        if left.token != right.token { return left.token < right.token }
        return left.stream < right.stream
    }
}

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
