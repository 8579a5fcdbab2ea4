// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// What a check has published, so that what arrives is known again where publishing does not answer the ids that
/// arrive.
///
/// A provider without a past (`replay`) may give each receiver ids of its own. There a message is known by its payload;
/// of several with one payload the first that arrives is the first that was published.
final class PublishedEntries: Sendable {
    private struct Content: Hashable {
        var stream: StreamName
        var payload: Payload
    }

    private struct Place: Hashable {
        var stream: StreamName
        var id: MessageID
    }

    private struct State {
        var waiting: [Content: [MessageID]] = [:]
        var known: [Place: MessageID] = [:]
    }

    private let state = Mutex(State())

    /// Notes a message and the id that publishing answered.
    func note(_ message: Message, _ id: MessageID, in stream: StreamName) {
        let content = Content(stream: stream, payload: message.payload)
        state.withLock { $0.waiting[content, default: []].append(id) }
    }

    /// The id that publishing answered for what arrived; the own id of what was not published here, or arrived before.
    func id(of message: InboundMessage) -> MessageID {
        let place = Place(stream: message.receipt.stream, id: message.receipt.id)
        let content = Content(stream: message.receipt.stream, payload: message.message.payload)
        return state.withLock { state in
            if let id = state.known[place] { return id }
            guard let id = state.waiting[content]?.first else { return place.id }
            state.waiting[content]?.removeFirst()
            state.known[place] = id
            return id
        }
    }
}
