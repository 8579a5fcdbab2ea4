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
