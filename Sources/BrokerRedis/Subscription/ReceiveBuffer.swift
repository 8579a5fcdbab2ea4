// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// One call of `receive` while it gathers: how much more it may have, and what it has already.
package struct ReceiveBuffer: Sendable {
    /// How many more messages it may have.
    package private(set) var room: Int
    /// How many more suspects it may have.
    package private(set) var suspects: Int
    /// Whether it waited for what it has, so that the time tells nothing about the line.
    package var hasWaited = false
    /// What it has.
    package private(set) var received = Received()

    /// - Parameter limit: How many are leased at a time, whatever is asked for.
    package init(_ request: ReceiveRequest, limit: Int = .max) {
        room = max(0, min(request.limit, limit))
        suspects = max(0, request.suspects)
    }

    /// Whether it has found nothing at all.
    package var isEmpty: Bool { received.messages.isEmpty && received.missing.isEmpty }

    /// How many bytes the bodies have.
    package var byteCount: Int { received.messages.reduce(0) { $0 + $1.message.payload.count } }

    /// Adds leased messages.
    package mutating func take(_ messages: [InboundMessage]) {
        room = max(0, room - messages.count)
        suspects -= messages.count { $0.isSuspect }
        if received.messages.isEmpty { received.messages = messages } else { received.messages += messages }
    }

    /// Adds entries that were pending and are gone from their stream.
    package mutating func report(missing entries: [MissingEntry]) {
        received.missing += entries
    }
}
