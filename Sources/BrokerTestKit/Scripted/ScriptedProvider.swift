// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// A provider whose replies a test scripts, and whose calls it reads.
///
/// By default publishing succeeds with rising ids, and subscribing returns a ``ScriptedSubscription``.
public final class ScriptedProvider: BrokerProvider {
    /// Its capabilities; by default all.
    public let capabilities: BrokerCapabilities
    /// The calls of `publish`.
    public let publishing: ScriptedCall<PublishBatch, [Result<PublishReceipt, BrokerError>]>
    /// The calls of `subscribe`.
    public let subscribing: ScriptedCall<SubscriptionRequest, ScriptedSubscription>
    /// The calls of `maintain`.
    public let maintaining = ScriptedCall<MaintenanceRequest, MaintenanceReport> { _ in MaintenanceReport() }

    private let closing = CallGate()
    private let joined: SubscriptionList

    private final class SubscriptionList: Sendable {
        let list = Mutex<[ScriptedSubscription]>([])
    }

    /// Makes a provider whose subscriptions take their time from `clock`.
    public init(
        capabilities: BrokerCapabilities = BrokerCapabilities(rawValue: .max), clock: any BrokerClock = ManualClock()
    ) {
        self.capabilities = capabilities
        let joined = SubscriptionList()
        self.joined = joined
        let numbers = IDSource()
        publishing = ScriptedCall { batch in batch.entries.map { _ in .success(PublishReceipt(id: numbers.next())) } }
        subscribing = ScriptedCall { request in
            let subscription = ScriptedSubscription(request, clock: clock)
            joined.list.withLock { $0.append(subscription) }
            return subscription
        }
    }

    /// The subscriptions that `subscribe` has made by default, in order.
    public var subscriptions: [ScriptedSubscription] { joined.list.withLock { $0 } }

    /// Records the call and replies as scripted. A scripted failure is the result of every entry.
    public func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        do throws(BrokerError) {
            return try await publishing.call(batch)
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    /// Records the call and replies as scripted.
    public func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await subscribing.call(request)
    }

    /// Records the call and replies as scripted.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        try await maintaining.call(request)
    }

    /// Waits until the provider is closed.
    public func run() async throws {
        await withTaskCancellationHandler {
            await closing.wait()
        } onCancel: {
            closing.open()
        }
    }

    /// Ends `run()`.
    public func close() async {
        closing.open()
    }

    /// Ids that rise by one, from 1.
    private final class IDSource: Sendable {
        private let last = Mutex<UInt64>(0)

        func next() -> MessageID {
            last.withLock { last in
                last += 1
                return MessageID(milliseconds: last, sequence: 0)
            }
        }
    }
}
