// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The provider under test as a registry may have it: closing it leaves the one beneath open, for the next registry.
final class LentProvider: BrokerProvider {
    static let name = "under-test"

    struct Factory: BrokerProviderFactory {
        let provider: any BrokerProvider

        init(_ provider: any BrokerProvider) { self.provider = provider }

        var name: String { LentProvider.name }
        var capabilities: BrokerCapabilities { provider.capabilities }

        func makeProvider(
            _ context: ProviderContext, options: inout ConfigurationReader
        ) -> (any BrokerProvider)? {
            LentProvider(provider)
        }
    }

    private let base: any BrokerProvider
    private let closing = CallGate()

    init(_ base: any BrokerProvider) { self.base = base }

    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await base.subscribe(request)
    }

    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        try await base.maintain(request)
    }

    func run() async throws {
        await withTaskCancellationHandler {
            await closing.wait()
        } onCancel: {
            closing.open()
        }
    }

    func close() async { closing.open() }
}
