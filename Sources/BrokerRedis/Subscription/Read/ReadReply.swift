// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// Makes messages of the server's replies.
///
/// This is the hot path: payloads and headers stay windows on the bytes of the reply.
package enum ReadReply {
    /// Appends the entries of one stream that are leased for the first time.
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

    /// The message of an entry that was leased again, from the reply to XRANGE; `nil` if the entry no longer exists.
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

/// Asks the server for the epoch of the group from which a read brought messages.
///
/// XREADGROUP does not say it, and another consumer may have made a destroyed group again in the meantime. The query is
/// sent behind the read, so the epoch is never older than the messages. If it is newer, the messages were destroyed
/// with their group in between. Then none of them is pending, whatever epoch their receipts name.
package enum EpochQuery {
    /// For up to this many streams, the queries go out together with the read. For more, the streams that brought
    /// something are queried afterwards.
    package static let mostAlongside = 32

    /// Adds the query for one stream.
    package static func add(_ membership: Membership, to commands: inout RedisCommands) {
        commands.begin(3, "HGET", for: .key(membership.key))
        commands.add(membership.floor)
        commands.add("epoch" as StaticString)
    }

    /// The epoch in the reply; `nil` if there is none, or it is not a number. The next sweep repairs that.
    package static func epoch(_ reply: RedisReply?) -> UInt64? {
        reply?.string.flatMap { UInt64($0) }
    }
}
