// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// One call of `receive` while it gathers: how much more it may have, and what it has already.
struct Gathering: Sendable {
    /// How many more messages it may have.
    private(set) var room: Int
    /// How many more suspects it may have.
    private(set) var suspects: Int
    /// What it has.
    private(set) var received = Received()

    init(_ request: ReceiveRequest) {
        room = max(0, request.limit)
        suspects = max(0, request.suspects)
    }

    /// Whether it has found nothing at all.
    var isEmpty: Bool { received.messages.isEmpty && received.missing.isEmpty }

    /// What each of expired and due may take while there are others: a quarter, rounded up.
    var share: Int { (room + 3) / 4 }

    /// Adds leased messages.
    mutating func take(_ messages: [InboundMessage]) {
        room = max(0, room - messages.count)
        suspects -= messages.count { $0.isSuspect }
        if received.messages.isEmpty { received.messages = messages } else { received.messages += messages }
    }

    /// Adds entries that were pending and are gone from their stream.
    mutating func report(missing entries: [MissingEntry]) {
        received.missing += entries
    }
}
