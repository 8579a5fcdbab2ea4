// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import StreamBroker
import Synchronization
import Testing

/// A registry in memory, built in code, with quick retries and a log that nobody reads.
///
/// Its drain is long: on a busy machine a test may stand still for a minute.
enum RegistryFixture {
    static func registry(
        _ streams: [StreamConfiguration],
        brokers: [BrokerConfiguration] = [BrokerConfiguration("events", provider: "memory")],
        defaultBroker: BrokerName? = nil, providers: [any BrokerProviderFactory] = BrokerRegistry.builtInProviders,
        observers: [any BrokerObserver] = []
    ) throws -> BrokerRegistry {
        let quick = ConsumerOptions(
            retry: RetryOptions(attempts: 3, initial: .milliseconds(1), maximum: .milliseconds(2), jitter: 0))
        return try BrokerRegistry(
            BrokersConfiguration(
                brokers: brokers, defaultBroker: defaultBroker, drain: .seconds(300), defaults: quick, streams: streams),
            providers: providers, observers: observers,
            logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// One stream with the groups `workers` and `auditors`.
    static func orders(observers: [any BrokerObserver] = []) throws -> BrokerRegistry {
        try registry(
            [StreamConfiguration("orders", groups: [GroupConfiguration("workers"), GroupConfiguration("auditors")])],
            observers: observers)
    }
}

/// What handlers have seen, in order; a test waits until it is as much as expected.
final class Seen<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    private let signal = WakeSignal()

    func add(_ value: Value) {
        values.withLock { $0.append(value) }
        signal.raise()
    }

    var all: [Value] { values.withLock { $0 } }

    /// Waits for as many values; the time limit of the suite bounds it.
    @discardableResult
    func wait(for count: Int) async -> [Value] {
        while all.count < count, !Task.isCancelled { await signal.waitUnlessCancelled() }
        return all
    }
}

/// What providers have been asked to settle, by kind.
final class SettledKinds: BrokerObserver {
    let seen = Seen<SettledEvent.Kind>()

    func observe(_ event: BrokerEvent) {
        guard case .settled(let event) = event else { return }
        for entry in event.entries where entry.outcome == .done { seen.add(entry.kind) }
    }
}
