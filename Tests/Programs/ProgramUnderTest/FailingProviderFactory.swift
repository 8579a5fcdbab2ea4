// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import StreamBroker

/// Makes brokers whose `run()` fails: `provider: failing`.
struct FailingProviderFactory: BrokerProviderFactory {
    let name = "failing"
    let capabilities = MemoryProvider.promises

    func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)? {
        FailingProvider(memory: MemoryProvider(streams: context.streams, clock: context.clock))
    }
}

/// Does all that one in memory does, but cannot run.
private struct FailingProvider: BrokerProvider {
    let memory: MemoryProvider

    var capabilities: BrokerCapabilities { memory.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await memory.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await memory.subscribe(request)
    }

    func run() async throws {
        throw BrokerError(.unauthorized, "the server does not know us")
    }

    func close() async { await memory.close() }
}
