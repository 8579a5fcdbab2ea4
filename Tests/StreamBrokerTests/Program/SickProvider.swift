// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import StreamBroker

/// Makes brokers in memory whose `run()` fails.
struct SickProviderFactory: BrokerProviderFactory {
    let name = "sick"
    let capabilities = MemoryProvider.promises

    func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)? {
        SickProvider(healthy: MemoryProvider(streams: context.streams, clock: context.clock))
    }
}

/// Cannot run, and does everything else.
struct SickProvider: BrokerProvider {
    struct Failure: Error {}

    let healthy: MemoryProvider

    var capabilities: BrokerCapabilities { healthy.capabilities }

    func run() async throws { throw Failure() }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await healthy.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await healthy.subscribe(request)
    }

    func close() async { await healthy.close() }
}
