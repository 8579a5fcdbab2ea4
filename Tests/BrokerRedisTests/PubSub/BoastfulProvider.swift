// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import ServiceLifecycle

/// A provider that promises more than the one beneath, to see how far that keeps it anyway.
final class BoastfulProvider: BrokerProvider {
    private let base: any BrokerProvider
    let capabilities: BrokerCapabilities

    init(_ base: any BrokerProvider, promising more: BrokerCapabilities) {
        self.base = base
        capabilities = base.capabilities.union(more)
    }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await base.subscribe(request)
    }

    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        try await base.maintain(request)
    }

    func run() async throws { try await base.run() }

    func close() async { await base.close() }
}
