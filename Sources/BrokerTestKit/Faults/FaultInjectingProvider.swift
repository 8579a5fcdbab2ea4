// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import ServiceLifecycle

/// Any provider, seen through a connection that a ``FaultInjector`` disturbs.
///
/// What it wraps stays a healthy backend: a lost reply leaves the effect in place, as a broken connection does.
public final class FaultInjectingProvider: BrokerProvider {
    /// The provider behind the connection.
    public let base: any BrokerProvider
    /// Who decides what goes wrong.
    public let faults: FaultInjector

    /// Wraps a provider.
    public init(_ base: any BrokerProvider, faults: FaultInjector = FaultInjector()) {
        self.base = base
        self.faults = faults
    }

    /// What the wrapped provider promises.
    public var capabilities: BrokerCapabilities { base.capabilities }

    /// Publishes, unless a fault strikes: then it strikes every entry.
    public func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        let base = base
        do throws(BrokerError) {
            return try await faults.pass(.publish) { () async throws(BrokerError) in await base.publish(batch) }
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    /// Subscribes, unless a fault strikes; the subscription is disturbed as well.
    public func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        let base = base
        let subscription = try await faults.pass(.subscribe) { () async throws(BrokerError) in
            try await base.subscribe(request)
        }
        return FaultInjectingSubscription(subscription, faults: faults)
    }

    /// Does the upkeep, unless a fault strikes.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        let base = base
        return try await faults.pass(.maintain) { () async throws(BrokerError) in try await base.maintain(request) }
    }

    /// Runs the wrapped provider.
    public func run() async throws {
        try await base.run()
    }

    /// Closes the wrapped provider; behind a cut it does not hear of it. Calls that hang go on.
    public func close() async {
        if !faults.isCut { await base.close() }
        faults.release()
    }
}

/// A subscription seen through the same connection.
final class FaultInjectingSubscription: BrokerSubscription {
    private let base: any BrokerSubscription
    private let faults: FaultInjector

    init(_ base: any BrokerSubscription, faults: FaultInjector) {
        self.base = base
        self.faults = faults
    }

    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received {
        let base = base
        return try await faults.pass(.receive) { () async throws(BrokerError) in try await base.receive(request) }
    }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        let base = base
        return try await faults.pass(.settle) { () async throws(BrokerError) in try await base.settle(settlements) }
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        let base = base
        return try await faults.pass(.extend) { () async throws(BrokerError) in try await base.extend(receipts) }
    }

    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        let base = base
        return try await faults.pass(.extend) { () async throws(BrokerError) in try await base.restore(receipts) }
    }

    func close() async {
        if !faults.isCut { await base.close() }
    }
}

extension FaultInjector {
    /// Takes one call through the connection: before, at or behind it a fault may strike.
    func pass<Answer: Sendable>(
        _ point: FaultPoint, _ call: @Sendable () async throws(BrokerError) -> Answer
    ) async throws(BrokerError) -> Answer {
        let decision = begin(point)
        switch decision.fault {
        case .refuse: throw BrokerError(.connection, "refused by injection", isRetryable: true)
        case .cut: throw BrokerError(.connection, "cut by injection", isRetryable: true)
        case .hang: await decision.gate.wait()
        case .loseReply, nil: break
        }
        let answer = try await call()
        guard replyArrives(decision) else {
            throw BrokerError(.connection, "reply lost by injection", isRetryable: true, effect: .unknown)
        }
        return answer
    }
}
