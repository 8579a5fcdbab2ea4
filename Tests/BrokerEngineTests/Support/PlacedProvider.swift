// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit

/// A scripted provider whose streams are at several places: the part of their names before the first dot.
final class PlacedProvider: BrokerProvider, StreamPlacing {
    let base: ScriptedProvider
    let hasPlaces: Bool
    /// The streams that a place was asked for.
    let asked = Journal<StreamName>()

    init(clock: any BrokerClock, hasPlaces: Bool = true) {
        base = ScriptedProvider(clock: clock)
        self.hasPlaces = hasPlaces
    }

    var capabilities: BrokerCapabilities { base.capabilities }

    func place(of stream: StreamName) -> Int {
        asked.append(stream)
        return stream.text.prefix { $0 != "." }.hashValue
    }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await base.subscribe(request)
    }

    func run() async throws { try await base.run() }

    func close() async { await base.close() }
}
