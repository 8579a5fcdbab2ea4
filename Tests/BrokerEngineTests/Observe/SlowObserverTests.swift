// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import BrokerTestKit
import Logging
import RedisTestSupport
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Observers and logs that block their thread.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(1))) struct SlowObserverTests {
    private static let visibility = Duration.milliseconds(400)

    enum Place: CaseIterable { case observer, log, logOfTheProvider }

    /// A heartbeat fails, and whoever is told of it blocks for five times as long as a lease lasts. A lease that is not
    /// extended in time is lost, which is told too.
    @Test(arguments: Place.allCases) func costNobodyALease(_ place: Place) async throws {
        let blocking = Blocking(for: Self.visibility * 5)
        let losses = EventRecorder(clock: EngineThread.shared)
        let logger = Logger(label: "test") { _ in
            if place == .observer { SwiftLogNoOpLogHandler() } else { BlockingLog(blocking: blocking) }
        }
        let provider = FaultInjectingProvider(MemoryProvider(clock: EngineThread.shared))
        let factory = TalkativeProviderFactory(provider: provider, talks: place == .logOfTheProvider)
        let registry = try registry(
            factory, observers: place == .observer ? [BlockingObserver(blocking: blocking), losses] : [losses], logger)
        let ended = WakeSignal()
        let attempts = Journal<Int>()
        registry.handle("orders", group: "billing") { delivery in
            let clock = EngineThread.shared
            await clock.sleepThroughCancellation(until: clock.now + Self.visibility * 7)
            attempts.append(delivery.attempt)
            ended.raise()
        }
        try await withThrowingDiscardingTaskGroup { group in
            if place != .logOfTheProvider { provider.faults.inject(.refuse, at: .extend) }
            _ = await registry.publish(batch: [Message("a")], to: "orders")
            group.addTask { try await registry.run() }
            await ended.wait()
            registry.drain()
        }
        #expect(blocking.count > 0)
        #expect(attempts.all == [1])
        #expect(losses.leasesLost == 0)
    }

    @Test func areToldEverythingBeforeTheConsumerHasLeft() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(timeout: .seconds(1), concurrency: 64))
        bench.handle { _ in await bench.pass(.seconds(100)) }
        try await bench.run {
            let subscription = try await subscription()
            subscription.deliver((1...64).map { .scripted($0) })
            await bench.pass(.seconds(1))
        }
        let told = bench.events.all
        let cancelled = told.lastIndex { if case .cancelled = $0 { true } else { false } }
        let left = told.firstIndex { if case .unsubscribed = $0 { true } else { false } }
        #expect(bench.events.cancellations.count == 64)
        #expect(try #require(cancelled) < #require(left))
    }

    private func registry(
        _ factory: some BrokerProviderFactory, observers: [any BrokerObserver], _ logger: Logger
    ) throws -> BrokerRegistry {
        let group = GroupConfiguration("billing", ConsumerOptions(visibility: Self.visibility))
        return try BrokerRegistry(
            configuration: BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: factory.name)],
                streams: [StreamConfiguration("orders", groups: [group])]),
            providers: [factory], codec: TextCodec(), observers: observers,
            logger: logger)
    }
}

/// Blocks the thread of its first caller.
private final class Blocking: Sendable {
    private let duration: Duration
    private let calls = Mutex(0)

    init(for duration: Duration) { self.duration = duration }

    var count: Int { calls.withLock { $0 } }

    func block() {
        let isFirst = calls.withLock { calls in
            calls += 1
            return calls == 1
        }
        if isFirst { usleep(UInt32(duration / .microseconds(1))) }
    }
}

private struct BlockingObserver: BrokerObserver {
    let blocking: Blocking

    func observe(_ event: BrokerEvent) {
        if case .callFailed = event { blocking.block() }
    }
}

private struct BlockingLog: LogHandler {
    let blocking: Blocking
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    init(blocking: Blocking) { self.blocking = blocking }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if event.message.description.contains("failed") { blocking.block() }
    }
}

/// A provider that logs what it does, if it is told to.
private struct TalkativeProviderFactory: BrokerProviderFactory {
    let provider: any BrokerProvider
    let talks: Bool
    let name = "talkative"
    var capabilities: BrokerCapabilities { provider.capabilities }

    func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)? {
        TalkativeProvider(base: provider, logger: talks ? context.logger : nil)
    }
}

private struct TalkativeProvider: BrokerProvider {
    let base: any BrokerProvider
    let logger: Logger?
    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }
    func run() async throws {}
    func close() async { await base.close() }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        TalkativeSubscription(base: try await base.subscribe(request), logger: logger)
    }
}

private struct TalkativeSubscription: BrokerSubscription {
    let base: any BrokerSubscription
    let logger: Logger?

    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received { try await base.receive(request) }
    func close() async { await base.close() }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        try await base.settle(settlements)
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        logger?.warning("a connection failed")
        return try await base.extend(receipts)
    }
}
