// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit

/// A provider that has room for one consumer.
final class NarrowProvider: ConsumerLimiting {
    private let base = ScriptedProvider()

    let consumerLimit = 1
    let consumerAdvice = "widen it"

    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await base.subscribe(request)
    }

    func run() async throws { try await base.run() }

    func close() async { await base.close() }
}
