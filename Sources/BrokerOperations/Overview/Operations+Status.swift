// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerEngine

/// Looking at everything at once.
extension Operations {
    /// Returns the brokers, the groups that have something to do, and what needs attention.
    ///
    /// It fails for no broker that is down: the report says so.
    ///
    /// - Parameter broker: The only broker that is meant; `nil` for all.
    /// - Throws: ``BrokerError/Code/undeclaredStream`` for a broker that does not exist.
    public func status(on broker: BrokerName? = nil) async throws(BrokerError) -> StatusReport {
        let meant = try brokers(broker)
        let names = Set(meant.map(\.name))
        var report = StatusReport(brokers: [], groups: [], attention: [])
        for health in await registry.health() where names.contains(health.broker) {
            guard let broker = registry.brokers[health.broker] else { continue }
            let (streams, failure) = await counts(of: broker, health)
            report.add(health, failure, broker, streams)
        }
        report.groups.sort { ($0.lag ?? 0) + ($0.pending ?? 0) > ($1.lag ?? 0) + ($1.pending ?? 0) }
        report.attention =
            report.attention.filter { $0.severity == .critical }
            + report.attention.filter { $0.severity != .critical }
        return report
    }

    private func counts(
        of broker: Broker, _ health: BrokerHealth
    ) async -> (streams: [CountedStream]?, failure: BrokerError?) {
        if health.status == .down { return (nil, nil) }
        do throws(BrokerError) {
            return (try await count(broker), nil)
        } catch {
            return (nil, error)
        }
    }
}

extension StatusReport {
    /// Adds a broker, and what needs attention there.
    fileprivate mutating func add(
        _ health: BrokerHealth, _ failure: BrokerError?, _ broker: BrokerEngine.Broker, _ streams: [CountedStream]?
    ) {
        var health = health
        if let failure {
            health.status = .degraded
            health.reasons.append(failure.message)
        }
        let address = (broker.service as? any AddressReporting)?.address
        let entry = Broker(health, address: address, streams)
        brokers.append(entry)
        if let attention = AttentionRules.attention(to: entry) { self.attention.append(attention) }
        let reports = (streams ?? []).filter { !$0.holdsDeadLetters }.flatMap(\.groupReports)
        groups += reports.filter { ($0.lag ?? 0) + ($0.pending ?? 0) > 0 }
        attention += reports.compactMap(AttentionRules.attention(to:))
        attention += (streams ?? []).map(StreamReport.init).compactMap(AttentionRules.attention(toDeadLetters:))
    }
}
