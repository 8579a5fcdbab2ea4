// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging

/// Beside the line: asks every provider once a minute to do its upkeep.
struct Janitor: Sendable {
    static let interval = Duration.seconds(60)

    let registry: BrokerRegistry

    func run() async {
        while !Task.isCancelled {
            await sleep(on: registry.runtime.clock)
            guard !Task.isCancelled else { return }
            for broker in registry.brokers.values { await maintain(broker) }
        }
    }

    private func sleep(on clock: some BrokerClock) async {
        await clock.sleep(until: clock.now + Self.interval)
    }

    private func maintain(_ broker: Broker) async {
        let streams = registry.configuration.streams(of: broker.name).map {
            MaintenanceRequest.Stream(
                selection: $0.selection, retention: $0.retention, groups: $0.groups.map(\.name))
        }
        do {
            let report = try await broker.service.maintain(
                MaintenanceRequest(streams: streams, interval: Self.interval * 3 / 4))
            registry.observers.tell(.maintained(broker: broker.name, report))
        } catch {
            registry.logger.warning(
                "Upkeep failed and will be repeated",
                metadata: [LoggingKeys.broker: "\(broker.name)", LoggingKeys.error: "\(error)"])
        }
    }
}
