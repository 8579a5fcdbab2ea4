// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import RedisWire

/// Asks which life of its group the messages of a read belong to.
///
/// XREADGROUP does not tell, and somebody else may have made a destroyed group again since the consumer last knew.
/// Asked behind the read, the answer is never older than what was read. If it is younger, that was destroyed with its
/// group in between, so that nothing of it is pending, whichever life its receipts name.
package enum EpochQuery {
    /// So many streams are asked about together with the read; of more, those that brought something are asked about
    /// afterwards.
    package static let mostAlongside = 32

    /// Adds the question about one stream.
    package static func add(_ membership: Membership, to commands: inout RedisCommands) {
        commands.begin(3, "HGET", for: .key(membership.key))
        commands.add(membership.floor)
        commands.add("epoch" as StaticString)
    }

    /// The answer; `nil` if there is none, or junk, which the next sweep mends.
    package static func epoch(_ reply: RedisReply?) -> UInt64? {
        reply?.string.flatMap { UInt64($0) }
    }
}
