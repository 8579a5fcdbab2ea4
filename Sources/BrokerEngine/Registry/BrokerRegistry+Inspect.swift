// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// Looking at a registry from outside.
extension BrokerRegistry {
    /// How each broker is, in the order of the configuration.
    public func health() async -> [BrokerHealth] {
        var reports: [BrokerHealth] = []
        for name in configuration.brokers.map(\.name) {
            guard let broker = brokers[name] else { continue }
            reports.append(await health(of: broker))
        }
        return reports
    }

    /// What each stream holds, of the declared ones that exist. What a provider cannot tell is `nil`, never 0.
    ///
    /// Once the registry has ended its providers are closed and answer ``BrokerError/Code/closed``.
    public func stats() async throws(BrokerError) -> [StreamStatistics] {
        var statistics: [StreamStatistics] = []
        for declared in configuration.streams {
            guard let name = directory.declaration(of: declared.selection)?.broker, let broker = brokers[name] else {
                continue
            }
            if let reporting = broker.service as? any StatisticsReporting {
                statistics += try await reporting.statistics(of: declared.selection)
            } else if case .stream(let name) = declared.selection {
                statistics.append(
                    StreamStatistics(
                        stream: name, length: nil,
                        groups: declared.groups.map { StreamStatistics.Group(name: $0.name) }))
            }
        }
        return statistics
    }

    private func health(of broker: Broker) async -> BrokerHealth {
        let provider = await (broker.service as? any HealthReporting)?.health() ?? ProviderHealth(isReady: true)
        let (phase, consumers) = state.withLock { ($0.phase, $0.consumers.values.filter { $0.serves(broker.name) }) }
        let failing = consumers.flatMap(\.failures)
        let isEnding = phase == .draining || phase == .ended
        var reasons = provider.reason.isEmpty ? [] : [provider.reason]
        reasons += failing
        if isEnding { reasons.append(phase == .ended ? "the registry has ended" : "the registry is shutting down") }
        let isReady = provider.isReady && failing.isEmpty && !isEnding
        let status: BrokerHealth.Status = isReady ? .healthy : provider.isReady && phase != .ended ? .degraded : .down
        return BrokerHealth(
            broker: broker.name, provider: broker.provider, status: status, isReady: isReady,
            since: since(broker.name, status), reasons: reasons, details: provider.details)
    }

    /// Since when a status has been seen.
    private func since(_ broker: BrokerName, _ status: BrokerHealth.Status) -> Timestamp {
        let now = runtime.clock.timestamp
        return seen.withLock { seen in
            if let known = seen[broker], known.status == status { return known.since }
            seen[broker] = (status, now)
            return now
        }
    }
}

extension Consumer {
    /// Whether the consumer belongs to a broker.
    fileprivate func serves(_ broker: BrokerName) -> Bool {
        stations.identity.broker == broker
    }

    /// The calls that fail now, in words.
    fileprivate var failures: [String] {
        let place = "\(stations.identity.selection)/\(stations.identity.group)"
        let refused = stations.inbox.refusedCount
        let refusals = refused > 0 ? ["\(refused) settlements are refused for \(place)"] : []
        return refusals
            + stations.calls.failing.map { call, failure in
                "\(call.rawValue) fails for \(place): \(failure.error.message)"
            }.sorted()
    }
}
