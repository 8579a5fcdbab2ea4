// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// A broker inside the process: groups, leases, retries and dead letters by the rules of Redis Streams.
///
/// For development and tests; what it holds ends with the process. All of its rules are in ``MemoryLog``; this shell
/// adds a lock, a clock and the waiting. One mutex rather than an actor: a batch is a few microseconds of arithmetic,
/// and nobody should be suspended for it.
public final class MemoryProvider: BrokerProvider {
    /// What every provider in memory promises.
    public static let promises: BrokerCapabilities = [
        .sharedGroups, .redelivery, .replay, .atomicDeadLetter, .atomicForward, .ordered, .patterns, .retention,
    ]

    let clock: any BrokerClock
    private let state: Mutex<MemoryState>

    /// Makes a provider without entries.
    ///
    /// - Parameters:
    ///   - streams: The declared streams, for their bounds; any other stream can be used too and keeps everything.
    ///   - clock: The time.
    public init(streams: [StreamConfiguration] = [], clock: any BrokerClock) {
        self.clock = clock
        state = Mutex(MemoryState(log: MemoryLog(declared: streams)))
    }

    /// Makes a provider that keeps only what its groups have still to settle, within bounds.
    package init(bounds: BufferBounds, clock: any BrokerClock) {
        self.clock = clock
        state = Mutex(MemoryState(log: MemoryLog(bounds: bounds)))
    }

    /// ``promises``.
    public var capabilities: BrokerCapabilities { Self.promises }

    /// Stores messages under one lock; each fails alone.
    public func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        let time = MemoryTime(of: clock)
        do {
            return try access { $0.log.publish(batch.entries, at: time) }
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    /// Subscribes a consumer; the group is created when it does not exist.
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

    /// Ends the provider: calls that wait return, later ones fail. What it holds is gone with it.
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

/// The way to the log.
extension MemoryProvider {
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Works on the log under the lock, and wakes who is to be woken after it is released.
    func access<Answer: Sendable>(_ work: (inout MemoryState) -> Answer) throws(BrokerError) -> Answer {
        let (answer, signals) = state.withLock { state -> (Answer?, [WakeSignal]) in
            guard !state.isClosed else { return (nil, []) }
            let answer = work(&state)
            return (answer, state.log.takeWakes().compactMap { state.signals[$0] })
        }
        for signal in signals { signal.raise() }
        guard let answer else { throw BrokerError(.closed, "the memory broker is closed") }
        return answer
    }
}

/// What a provider in memory guards with its lock: the log, and the signals of those who wait.
struct MemoryState: Sendable {
    /// Everything that is stored.
    var log: MemoryLog
    /// Whether the provider has been closed.
    var isClosed = false
    /// Whom the numbers mean that the log wakes.
    var signals: [Int: WakeSignal] = [:]

    /// Gives a signal a number.
    mutating func enroll(_ signal: WakeSignal) -> Int {
        let number = log.makeNumber()
        signals[number] = signal
        return number
    }
}

/// Makes providers in memory: `provider: memory`, which has no options.
public struct MemoryProviderFactory: BrokerProviderFactory {
    /// Makes a factory.
    public init() {}

    /// `memory`.
    public var name: String { "memory" }

    /// What every provider in memory promises.
    public var capabilities: BrokerCapabilities { MemoryProvider.promises }

    /// Makes a provider with no streams in it; there is nothing to read and nothing that can be wrong.
    public func makeProvider(
        _ context: ProviderContext, options: inout ConfigurationReader
    ) -> (any BrokerProvider)? {
        MemoryProvider(streams: context.streams, clock: context.clock)
    }
}
