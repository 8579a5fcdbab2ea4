// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import ServiceLifecycle

/// A provider behind a connection that a ``FaultInjector`` disturbs.
///
/// The wrapped provider stays healthy. When a reply is lost, the call has had its effect, as with a broken connection.
public final class FaultInjectingProvider: BrokerProvider {
    /// The wrapped provider.
    public let base: any BrokerProvider
    /// The injector, which decides what goes wrong.
    public let faults: FaultInjector

    /// Wraps a provider.
    public init(_ base: any BrokerProvider, faults: FaultInjector = FaultInjector()) {
        self.base = base
        self.faults = faults
    }

    /// The capabilities of the wrapped provider.
    public var capabilities: BrokerCapabilities { base.capabilities }

    /// Publishes, unless there is a fault, which then affects every entry.
    public func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        let base = base
        do throws(BrokerError) {
            return try await faults.pass(.publish) { () async throws(BrokerError) in await base.publish(batch) }
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    /// Subscribes, unless there is a fault. The subscription is disturbed as well.
    public func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        let base = base
        let subscription = try await faults.pass(.subscribe) { () async throws(BrokerError) in
            try await base.subscribe(request)
        }
        return FaultInjectingSubscription(subscription, faults: faults)
    }

    /// Does the maintenance, unless there is a fault.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        let base = base
        return try await faults.pass(.maintain) { () async throws(BrokerError) in try await base.maintain(request) }
    }

    /// Runs the wrapped provider.
    public func run() async throws {
        try await base.run()
    }

    /// Closes the wrapped provider, unless the connection is cut. Hanging calls go on.
    public func close() async {
        if !faults.isCut { await base.close() }
        faults.release()
    }
}

/// A subscription behind the same connection.
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
    /// Passes one call through the connection. A fault may prevent it, delay it, or lose its reply.
    func pass<Value: Sendable>(
        _ point: FaultPoint, _ call: @Sendable () async throws(BrokerError) -> Value
    ) async throws(BrokerError) -> Value {
        let decision = begin(point)
        switch decision.fault {
        case .refuse: throw BrokerError(.connection, "refused by injection", isRetryable: true)
        case .cut: throw BrokerError(.connection, "cut by injection", isRetryable: true)
        case .hang: await decision.gate.wait()
        case .loseReply, nil: break
        }
        let value = try await call()
        guard replyArrives(decision) else {
            throw BrokerError(.connection, "reply lost by injection", isRetryable: true, effect: .unknown)
        }
        return value
    }
}
