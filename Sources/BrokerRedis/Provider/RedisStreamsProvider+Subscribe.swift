// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Station "join": a consumer takes its seat.
extension RedisStreamsProvider {
    /// Seats a consumer; the group is created when it does not exist.
    public func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        throw BrokerError(.unsupported, "consuming from Redis Streams")
    }
}
