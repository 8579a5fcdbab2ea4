// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging

/// Beside the line: asks every provider once a minute to do its upkeep.
struct Janitor: Sendable {
    static let interval = Duration.seconds(60)

    /// After so long a stream of answers that nobody has used goes; its process has ended without deleting it.
    static let abandonment = Duration.seconds(3600)

    let registry: BrokerRegistry

    func run() async {
        while !Task.isCancelled {
            await sleep(on: registry.runtime.clock)
            guard !Task.isCancelled else { return }
            for broker in registry.brokers.values {
                await maintain(broker)
                await clear(broker)
            }
        }
    }

    private func sleep(on clock: some BrokerClock) async {
        await clock.sleep(until: clock.now + Self.interval)
    }

    private func maintain(_ broker: Broker) async {
        do {
            let report = try await broker.service.maintain(
                MaintenanceRequest(streams: streams(of: broker), interval: Self.interval * 3 / 4))
            registry.observers.tell(.maintained(broker: broker.name, report))
        } catch {
            registry.logger.warning(
                "Upkeep failed and will be repeated",
                metadata: [LoggingKeys.broker: "\(broker.name)", LoggingKeys.error: "\(error)"])
        }
    }

    /// Deletes the streams of answers that dead processes have left; what cannot be deleted now is looked at again.
    private func clear(_ broker: Broker) async {
        let abandoned = StreamSelection(AnswerDesk.namespace + "*")
        _ = try? await (broker.service as? any StreamDeleting)?.delete(abandoned, idleFor: Self.abandonment)
    }

    /// The declared streams, and where the answers to this process's requests arrive.
    private func streams(of broker: Broker) -> [MaintenanceRequest.Stream] {
        let declared = registry.configuration.streams(of: broker.name).map {
            MaintenanceRequest.Stream(
                selection: $0.selection, retention: $0.retention, groups: $0.groups.map(\.name))
        }
        guard let desk = registry.desks[broker.name], desk.isOpen else { return declared }
        return declared + [
            MaintenanceRequest.Stream(selection: .stream(desk.stream), retention: .reserved, groups: [AnswerDesk.group])
        ]
    }
}
