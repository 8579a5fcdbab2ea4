// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// A broker in the memory of the process: groups, leases, retries and dead letters by the rules of Redis Streams.
///
/// It is for development and tests: its messages end with the process. All of its rules are in ``MemoryLog``. The
/// provider adds a lock, a clock and the waiting. It uses a mutex and no actor: a batch takes a few microseconds, for
/// which no task should be suspended.
public final class MemoryProvider: BrokerProvider {
    /// The capabilities of every memory provider.
    public static let promises: BrokerCapabilities = [
        .sharedGroups, .redelivery, .replay, .atomicDeadLetter, .atomicForward, .ordered, .patterns, .retention,
        .deduplication,
    ]

    let clock: any BrokerClock
    private let state: Mutex<MemoryState>

    /// Makes a provider without entries.
    ///
    /// - Parameters:
    ///   - streams: The declared streams, for their bounds. Other streams can be used, too, and keep everything.
    ///   - clock: The source of time.
    public init(streams: [StreamConfiguration] = [], clock: any BrokerClock) {
        self.clock = clock
        state = Mutex(MemoryState(log: MemoryLog(declared: streams)))
    }

    /// Makes a provider that keeps only what its groups have not settled yet, within bounds.
    package init(bounds: BufferBounds, clock: any BrokerClock) {
        self.clock = clock
        state = Mutex(MemoryState(log: MemoryLog(bounds: bounds)))
    }

    /// ``promises``.
    public var capabilities: BrokerCapabilities { Self.promises }

    /// Stores messages in the given order. Each fails alone.
    public func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        let time = MemoryTime(of: clock)
        do {
            return try access { $0.log.publish(batch.entries, at: time) }
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    /// Subscribes a consumer. The group is created if it does not exist.
    public func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        let subscription = try access { $0.log.subscribe(request) }
        return MemorySubscription(provider: self, subscription: subscription)
    }

    /// Trims the declared streams to their bounds.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        let time = MemoryTime(of: clock)
        return try access { $0.log.maintain(request, at: time.timestamp) }
    }

    /// Returns when the provider is closed or its task is cancelled.
    public func run() async throws {
        let signal = WakeSignal()
        guard let number = try? access({ $0.enroll(signal) }) else { return }
        while !isClosed, !Task.isCancelled { await signal.waitUnlessCancelled() }
        state.withLock { $0.signals[number] = nil }
    }

    /// Ends the provider. Waiting calls return, later ones fail. Its messages are lost.
    public func close() async {
        let signals = state.withLock { state in
            state.isClosed = true
            state.log = MemoryLog()
            defer { state.signals.removeAll() }
            return Array(state.signals.values)
        }
        for signal in signals { signal.raise() }
    }
}

/// Access to the log.
extension MemoryProvider {
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Works on the log under the lock, and wakes waiters after the lock is released.
    func access<Value: Sendable>(_ work: (inout MemoryState) -> Value) throws(BrokerError) -> Value {
        let (value, signals) = state.withLock { state -> (Value?, [WakeSignal]) in
            guard !state.isClosed else { return (nil, []) }
            let value = work(&state)
            return (value, state.log.takeWakes().compactMap { state.signals[$0] })
        }
        for signal in signals { signal.raise() }
        guard let value else { throw BrokerError(.closed, "the memory broker is closed") }
        return value
    }
}

/// The state that a memory provider guards with its lock: the log, and the signals of waiting calls.
struct MemoryState: Sendable {
    /// The log.
    var log: MemoryLog
    /// Whether the provider has been closed.
    var isClosed = false
    /// The signals by the numbers with which the log wakes them.
    var signals: [Int: WakeSignal] = [:]

    /// Adds a signal and returns its number.
    mutating func enroll(_ signal: WakeSignal) -> Int {
        let number = log.makeNumber()
        signals[number] = signal
        return number
    }
}

/// Makes memory providers: `provider: memory`, which has no options.
public struct MemoryProviderFactory: BrokerProviderFactory {
    /// Makes a factory.
    public init() {}

    /// `memory`.
    public var name: String { "memory" }

    /// The capabilities of every memory provider.
    public var capabilities: BrokerCapabilities { MemoryProvider.promises }

    /// Makes a provider without entries. There are no options to read.
    public func makeProvider(
        _ context: ProviderContext, options: inout ConfigurationReader
    ) -> (any BrokerProvider)? {
        MemoryProvider(streams: context.streams, clock: context.clock)
    }
}
