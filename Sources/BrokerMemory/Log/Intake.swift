// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// One call of `receive` in progress: its consumer, what it has leased, and how much more it may lease.
struct Intake: Sendable {
    /// The consumer.
    let holder: Holder
    /// When.
    let now: Instant
    /// How many more messages it may lease.
    private(set) var room: Int
    /// How many more suspects it may lease.
    private(set) var suspects: Int
    /// What it has.
    private(set) var received = Received()

    /// Begins a call.
    init(_ request: ReceiveRequest, by holder: Holder, at now: Instant) {
        self.holder = holder
        self.now = now
        room = max(0, request.limit)
        suspects = max(0, request.suspects)
    }

    /// Whether it has found nothing.
    var isEmpty: Bool { received.messages.isEmpty && received.missing.isEmpty }

    /// Reserves capacity for that many messages.
    mutating func reserve(_ count: Int) {
        received.messages.reserveCapacity(received.messages.count + count)
    }

    /// Adds a leased message.
    mutating func take(
        _ message: Message, of stream: StreamName, as entry: PendingEntry, epoch: UInt64,
        _ origin: InboundMessage.Origin
    ) {
        let inbound = InboundMessage(
            receipt: Receipt(stream: stream, id: entry.id, epoch: epoch, token: entry.token), message: message,
            attempt: FencingToken.attempt(of: entry.token), releases: FencingToken.releases(of: entry.token),
            origin: origin)
        if inbound.isSuspect { suspects -= 1 }
        room -= 1
        received.messages.append(inbound)
    }

    /// Adds a pending entry that is gone from its stream.
    mutating func report(missing id: MessageID, of stream: StreamName) {
        received.missing.append(MissingEntry(stream: stream, id: id))
    }
}
