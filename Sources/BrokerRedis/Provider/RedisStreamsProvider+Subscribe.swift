// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// Station "join": a consumer joins its group.
extension RedisStreamsProvider {
    /// Whether the provider has been closed.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Subscribes a consumer; the group is created when it does not exist.
    ///
    /// Makes one attempt: who asks has a back-off of its own.
    public func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        let subscription = try RedisSubscription(request, provider: self)
        do {
            try await checkServer(for: request)
            try await subscription.begin(request.start)
        } catch {
            await subscription.close()
            throw error
        }
        return subscription
    }
}
