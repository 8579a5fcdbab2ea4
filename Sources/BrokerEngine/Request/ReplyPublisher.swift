// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Where a handler hands in its answers: what replying needs to know of the registry.
struct ReplyPublisher: Sendable {
    let broker: Broker
    let codec: any MessageCodec
    let observers: Observers

    /// Returns the route to a requester, which awaits its reply on the broker that its request came from.
    func route(to requester: StreamName) -> StreamRoute {
        StreamRoute(to: requester, on: broker, maximumPayload: StreamConfiguration.defaultMaximumPayload)
    }

    /// Stores an answer; one whose requester is gone is dropped, and counted.
    func post(_ answer: Message, by route: StreamRoute) async throws(BrokerError) {
        let entry = PublishBatch.Entry(stream: route.stream, message: answer)
        guard let result = await broker.store([entry]).first else { throw .lostResult }
        guard case .failure(let error) = result else { return }
        guard error.code == .undeclaredStream else { throw error }
        observers.tell(.replyDropped(broker: broker.name, reason: .requesterGone))
    }
}
