// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import Logging
import Synchronization

/// Beside the line: once a minute, asks every provider to do its upkeep, and looks for other consumers of groups that
/// keep an order.
struct Janitor: Sendable {
    static let interval = Duration.seconds(60)
    /// When it first looks for other consumers. Every consumer that lives has read again by then.
    static let firstLook = Duration.seconds(15)
    /// How long a stream of replies stays unused before it is deleted: its process ended without deleting it.
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
                "Upkeep on broker '\(broker.name)' failed, retrying in \(Self.interval.inWords): \(error)",
                metadata: [LoggingKeys.broker: "\(broker.name)", LoggingKeys.error: "\(error)"])
        }
    }

    /// Deletes the streams of replies of dead processes; after a failure the next minute tries again.
    private func clear(_ broker: Broker) async {
        let abandoned = StreamSelection(ReplyInbox.namespace + "*")
        _ = try? await (broker.service as? any StreamDeleting)?.delete(abandoned, idleFor: Self.abandonment)
    }

    /// The declared streams, and the stream of replies of this process.
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

/// Looking for other consumers of groups that keep an order.
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

    /// The consumers that the provider reports; none when it cannot report any now. The next minute asks again.
    private func activeConsumers(besides consumer: ConsumerIdentity, _ peers: GroupPeers) async -> Set<ConsumerName> {
        let period = min(Self.interval, peers.age(of: consumer, at: registry.runtime.clock.now))
        let service = registry.brokers[consumer.broker]?.service as? any ConsumerReporting
        guard let service, period > .zero else { return [] }
        let found = try? await service.consumers(
            of: consumer.group, on: consumer.selection, activeWithin: period)
        return found ?? []
    }
}

/// Remembers which other consumers were seen in the groups of this process that keep an order. A pure value.
package struct GroupPeers: Sendable {
    private struct Watched: Sendable {
        let since: Instant
        var others: Set<ConsumerName> = []
    }

    private var watched: [ConsumerIdentity: Watched] = [:]
    /// The consumers of this process, also those that have ended, and when each was last seen.
    private var own: [ConsumerName: Instant] = [:]

    /// How long a consumer of this process is remembered after its end. Providers report consumers that were active
    /// within the last minute, so one that has ended may still be reported.
    package static let memory = Duration.seconds(600)

    package init() {}

    /// Records the consumers of this process, and forgets those that ended long ago.
    package mutating func watch(_ consumers: [ConsumerIdentity], at now: Instant) {
        for consumer in consumers { own[consumer.consumer] = now }
        own = own.filter { now - $0.value < Self.memory }
        var next: [ConsumerIdentity: Watched] = [:]
        for consumer in consumers { next[consumer] = watched[consumer] ?? Watched(since: now) }
        watched = next
    }

    /// How long a consumer has been watched. Others that were last active before that may be consumers that it replaces.
    package func age(of consumer: ConsumerIdentity, at now: Instant) -> Duration {
        watched[consumer].map { now - $0.since } ?? .zero
    }

    /// Records the active consumers of a consumer's group; returns those that were not active the last time.
    package mutating func meet(_ active: Set<ConsumerName>, besides consumer: ConsumerIdentity) -> [ConsumerName] {
        guard let before = watched[consumer]?.others else { return [] }
        let others = active.filter { own[$0] == nil }
        watched[consumer]?.others = others
        return others.subtracting(before).sorted()
    }
}
