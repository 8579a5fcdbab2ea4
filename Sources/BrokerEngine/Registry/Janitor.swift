// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// Beside the line: asks every provider once a minute to do its upkeep, and who else consumes where order matters.
struct Janitor: Sendable {
    static let interval = Duration.seconds(60)
    /// When it first looks for other consumers: by then each that lives has read again.
    static let firstLook = Duration.seconds(15)

    /// After so long a stream of answers that nobody has used goes; its process has ended without deleting it.
    static let abandonment = Duration.seconds(3600)

    let registry: BrokerRegistry

    func run() async {
        var peers = GroupPeers()
        peers.watch(orderedConsumers.map(\.stations.identity), at: registry.runtime.clock.now)
        await pause(for: Self.firstLook, on: registry.runtime.clock)
        await look(&peers)
        await pause(for: Self.interval - Self.firstLook, on: registry.runtime.clock)
        while !Task.isCancelled {
            for broker in registry.brokers.values {
                await maintain(broker)
                await clear(broker)
            }
            await look(&peers)
            await pause(for: Self.interval, on: registry.runtime.clock)
        }
    }

    private func pause(for duration: Duration, on clock: some BrokerClock) async {
        await clock.sleep(until: clock.now + duration)
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
        let abandoned = StreamSelection(ReplyInbox.namespace + "*")
        _ = try? await (broker.service as? any StreamDeleting)?.delete(abandoned, idleFor: Self.abandonment)
    }

    /// The declared streams, and where the answers to this process's requests arrive.
    private func streams(of broker: Broker) -> [MaintenanceRequest.Stream] {
        let declared = registry.configuration.streams(of: broker.name).map {
            MaintenanceRequest.Stream(
                selection: $0.selection, retention: $0.retention, groups: $0.groups.map(\.name))
        }
        guard let replyInbox = registry.replyInboxes[broker.name], replyInbox.isOpen else { return declared }
        return declared + [
            MaintenanceRequest.Stream(
                selection: .stream(replyInbox.stream), retention: .reserved, groups: [ReplyInbox.group])
        ]
    }
}

/// Other consumers of groups that keep an order.
extension Janitor {
    private var orderedConsumers: [Consumer] {
        registry.state.withLock { Array($0.consumers.values) }.filter { $0.stations.settings.ordering != .none }
    }

    private func look(_ peers: inout GroupPeers) async {
        guard !Task.isCancelled else { return }
        let identities = orderedConsumers.map(\.stations.identity)
        peers.watch(identities, at: registry.runtime.clock.now)
        for identity in identities {
            let active = await activeConsumers(besides: identity, peers)
            let newcomers = peers.meet(active, besides: identity)
            if !newcomers.isEmpty { registry.observers.tell(.orderShared(identity, with: newcomers)) }
        }
    }

    /// A provider that cannot be asked, or does not answer, names nobody; the next minute asks again.
    private func activeConsumers(besides consumer: ConsumerIdentity, _ peers: GroupPeers) async -> Set<ConsumerName> {
        let period = min(Self.interval, peers.age(of: consumer, at: registry.runtime.clock.now))
        let service = registry.brokers[consumer.broker]?.service as? any ConsumerReporting
        guard let service, period > .zero else { return [] }
        let found = try? await service.consumers(
            of: consumer.group, on: consumer.selection, activeWithin: period)
        return found ?? []
    }
}
