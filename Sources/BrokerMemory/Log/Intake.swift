// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// One call of `receive` while it gathers: who asks, how much more it may have, and what it has already.
struct Intake: Sendable {
    /// Who asks.
    let holder: Holder
    /// When.
    let now: Instant
    /// How many more messages it may have.
    private(set) var room: Int
    /// How many more suspects it may have.
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

    /// Whether it has found nothing at all.
    var isEmpty: Bool { received.messages.isEmpty && received.missing.isEmpty }

    /// Makes place for that many messages at once.
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

    /// Adds an entry that was pending and is gone from its stream.
    mutating func report(missing id: MessageID, of stream: StreamName) {
        received.missing.append(MissingEntry(stream: stream, id: id))
    }
}
