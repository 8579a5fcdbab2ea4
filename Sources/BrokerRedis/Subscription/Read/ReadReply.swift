// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// Messages made of what the server answers.
///
/// This is the hot path: payloads and headers stay windows on the bytes of the reply.
package enum ReadReply {
    /// The entries of one stream, leased for the first time.
    package static func append(
        _ entries: RedisReplies, of stream: StreamName, epoch: UInt64, to messages: inout [InboundMessage]
    ) {
        messages.reserveCapacity(messages.count + entries.count)
        var cursor = ReplyCursor(entries)
        for _ in 0..<entries.count {
            guard let entry = EntryDecoder.entry(&cursor) else { continue }
            let receipt = Receipt(stream: stream, id: entry.id, epoch: epoch, token: FencingToken.first)
            messages.append(InboundMessage(receipt: receipt, message: entry.message, attempt: 1, origin: .new))
        }
    }

    /// The entry that was leased again, out of the answer of XRANGE; `nil` when it is gone from its stream.
    static func message(
        _ reply: RedisReply, of stream: StreamName, epoch: UInt64, _ lease: SweepReply.Lease,
        _ origin: InboundMessage.Origin
    ) -> InboundMessage? {
        guard let entry = reply.elements[0].flatMap({ EntryDecoder.entry($0) }), entry.id == lease.id else {
            return nil
        }
        return InboundMessage(
            receipt: Receipt(stream: stream, id: lease.id, epoch: epoch, token: lease.token), message: entry.message,
            attempt: FencingToken.attempt(of: lease.token), releases: FencingToken.releases(of: lease.token),
            origin: origin)
    }
}

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
