// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// Inspecting a registry.
extension BrokerRegistry {
    /// Returns the health of each broker, in the order of the configuration.
    public func health() async -> [BrokerHealth] {
        var reports: [BrokerHealth] = []
        for name in configuration.brokers.map(\.name) {
            guard let broker = brokers[name] else { continue }
            reports.append(await health(of: broker))
        }
        return reports
    }

    /// Returns how much each declared stream holds, if it exists, and which handler of this process has been running
    /// longest. A number that a provider does not know is `nil`.
    ///
    /// - Throws: ``BrokerError/Code/closed`` once the registry has ended, and what a provider throws.
    public func stats() async throws(BrokerError) -> [StreamStatistics] {
        var statistics: [StreamStatistics] = []
        let running = runningHandlers
        for declared in configuration.streams {
            guard let name = directory.declaration(of: declared.selection)?.broker, let broker = brokers[name] else {
                continue
            }
            if let reporting = broker.service as? any StatisticsReporting {
                statistics += running.add(to: try await reporting.statistics(of: declared.selection), on: name)
            } else if case .stream(let stream) = declared.selection {
                let groups = declared.groups.map { StreamStatistics.Group(name: $0.name) }
                statistics += running.add(to: [StreamStatistics(stream: stream, length: nil, groups: groups)], on: name)
            }
        }
        return statistics
    }

    /// The handlers of this process that run, of each consumer and stream the oldest.
    private var runningHandlers: RunningHandlers {
        RunningHandlers(consumers: state.withLock { Array($0.consumers.values) }, now: runtime.clock.now)
    }

    private func health(of broker: Broker) async -> BrokerHealth {
        let provider = await (broker.service as? any HealthReporting)?.health() ?? ProviderHealth(isReady: true)
        let (phase, consumers) = state.withLock { ($0.phase, $0.consumers.values.filter { $0.serves(broker.name) }) }
        let failing = consumers.flatMap(\.failures)
        let running = RunningHandlers(consumers: consumers, now: runtime.clock.now)
        let isEnding = phase == .draining || phase == .ended
        var reasons = provider.reason.isEmpty ? [] : [provider.reason]
        reasons += failing + running.complaints
        if isEnding { reasons.append(phase == .ended ? "the registry has ended" : "the registry is shutting down") }
        let isReady = provider.isReady && failing.isEmpty && !isEnding
        let isHealthy = isReady && running.complaints.isEmpty
        let status: BrokerHealth.Status = isHealthy ? .healthy : provider.isReady && phase != .ended ? .degraded : .down
        return BrokerHealth(
            broker: broker.name, provider: broker.provider, status: status, isReady: isReady,
            since: since(broker.name, status), reasons: reasons, details: provider.details,
            oldestHandler: running.oldest)
    }

    /// When a status was first seen.
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

    /// A sentence for each call that fails now.
    fileprivate var failures: [String] {
        let place = "\(stations.identity.selection)/\(stations.identity.group)"
        let refused = stations.inbox.refusedCount
        let refusals = refused > 0 ? ["\(refused) settlements are refused for \(place)"] : []
        let stop = stations.newGroup.stopReason.map { ["\(place) takes no more messages, since \($0)"] } ?? []
        return refusals + stop
            + stations.calls.failing.map { call, failure in
                "\(call.rawValue) fails for \(place): \(failure.error.message)"
            }.sorted()
    }
}

/// The health of a broker.
public struct BrokerHealth: Sendable, Hashable {
    /// The condition of a broker in a word. No case will be added: dashboards have a colour for each.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// The broker serves, and no call fails.
        case healthy
        /// The broker serves, but some calls fail and are repeated, or a handler runs for longer than `warn-after`.
        case degraded
        /// The broker does not serve.
        case down
    }

    /// The broker's name in the configuration.
    public var broker: BrokerName
    /// The name of its provider.
    public var provider: String
    /// Its condition.
    public var status: Status
    /// Whether it should get traffic: nothing that consumers need is failing.
    public var isReady: Bool
    /// When this condition was first seen. It is looked at when ``BrokerRegistry/health()`` is called.
    public var since: Timestamp
    /// The reasons, a sentence for each; empty when nothing is wrong.
    public var reasons: [String]
    /// Further facts about the backend by name; those that the provider does not know are missing.
    public var details: [String: String]
    /// The handler of this process that has been running longest; `nil` if none runs.
    public var oldestHandler: RunningHandler?

    /// Makes a report, as the registry does; tests need it, too.
    public init(
        broker: BrokerName, provider: String, status: Status, isReady: Bool, since: Timestamp, reasons: [String] = [],
        details: [String: String] = [:], oldestHandler: RunningHandler? = nil
    ) {
        self.broker = broker
        self.provider = provider
        self.status = status
        self.isReady = isReady
        self.since = since
        self.reasons = reasons
        self.details = details
        self.oldestHandler = oldestHandler
    }
}
