// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit

/// A provider in memory whose `run()` fails after a while, though it goes on serving.
final class FailingProvider: BrokerProvider {
    private let base: MemoryProvider
    private let clock: any BrokerClock
    private let delay: Duration

    init(clock: any BrokerClock, after delay: Duration) {
        base = MemoryProvider(clock: clock)
        self.clock = clock
        self.delay = delay
    }

    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await base.subscribe(request)
    }

    func run() async throws {
        await clock.sleep(until: clock.now + delay)
        if !Task.isCancelled { throw Failure("the provider failed") }
    }

    func close() async { await base.close() }
}
