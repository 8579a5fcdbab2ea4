// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import BrokerTestKit
import Logging
import Synchronization
import Testing

/// A registry on virtual time whose every event is written down; by default with the stream `orders` in memory and
/// its group `billing`.
final class EngineBench: Sendable {
    let time: VirtualTime
    let provider: any BrokerProvider
    let registry: BrokerRegistry
    let events: EventRecorder

    init(
        _ options: ConsumerOptions = ConsumerOptions(), streams: [StreamConfiguration] = [],
        drain: Duration = .seconds(30), middleware: [any BrokerMiddleware] = [], time: VirtualTime = VirtualTime(),
        provider: (any BrokerProvider)? = nil, detail: ErrorDetail = .type,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws {
        let orders = StreamConfiguration("orders", groups: [GroupConfiguration("billing", options)])
        let configuration = BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: "fixed")], drain: drain, errorDetail: detail,
            streams: [orders] + streams)
        let provider = provider ?? MemoryProvider(streams: configuration.streams, clock: time.clock)
        let events = EventRecorder(clock: time.clock)
        let generator = Mutex(SeededGenerator(seed: 1))
        self.time = time
        self.provider = provider
        self.events = events
        registry = try BrokerRegistry(
            configuration: configuration, providers: [FixedProviderFactory(provider: provider)], codec: TextCodec(),
            middleware: middleware, observers: [events],
            logger: logger,
            runtime: EngineRuntime(
                clock: time.clock, leaseExecutor: nil, random: { generator.withLock { $0.next() } }, instance: "test"))
    }

    /// Runs the registry and `body` beside it, all on virtual time; drains when `body` has ended.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await time.run {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await self.registry.run() }
                await Task.yield()
                try await body()
                self.registry.drain()
            }
        }
    }

    /// Handles the messages of `orders` for `billing`.
    @discardableResult
    func handle(_ handler: @escaping DeliveryHandler) -> HandlerID {
        registry.handle("orders", group: "billing", handler: handler)
    }

    /// Stores messages whose bodies are these texts.
    func publish(_ texts: String..., key: String? = nil) async throws {
        for result in await registry.publish(batch: texts.map { Message(Payload($0), key: key) }, to: "orders") {
            _ = try result.get()
        }
    }

    /// Stores messages with numbers as bodies.
    func publish(numbers: Range<Int>) async throws {
        for result in await registry.publish(batch: numbers.map { Message(Payload("\($0)")) }, to: "orders") {
            _ = try result.get()
        }
    }

    /// Lets virtual time pass.
    func pass(_ duration: Duration) async { await time.pass(duration) }

    /// The dead letters of a stream, oldest first.
    func deadLetters(of stream: StreamName = "orders") async throws -> [Message] {
        guard let broker = registry.broker("events") else { return [] }
        return try await broker.latest(1000, of: stream.deadLetters).reversed().map(\.message)
    }

    /// The entries of a stream, oldest first.
    func stored(in stream: StreamName) async throws -> [StoredMessage] {
        try await registry.broker("events")?.range(.zero ... .maximum, of: stream) ?? []
    }

    /// How many messages a group has not settled.
    func pending() async throws -> Int? {
        try await registry.stats().first { $0.stream == "orders" }?.groups.first?.pending
    }

    /// Since the beginning of the test.
    var elapsed: Duration { time.clock.now - ManualClock().now }
}

/// Gives every broker the same provider.
struct FixedProviderFactory: BrokerProviderFactory {
    let provider: any BrokerProvider
    let name = "fixed"
    var capabilities: BrokerCapabilities { provider.capabilities }

    func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)? {
        provider
    }
}

/// Texts as bodies; the text `broken` cannot be decoded.
struct TextCodec: MessageCodec {
    struct Undecodable: Error {}

    struct Unencodable: Encodable, Sendable {}

    func encode<Value: Encodable>(_ value: Value) throws -> Payload {
        if value is Unencodable { throw Undecodable() }
        return Payload("\(value)")
    }

    func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value {
        guard payload.string != "broken", let text = payload.string as? Value else { throw Undecodable() }
        return text
    }
}

/// What a failing handler of these tests throws.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String = "failed") { self.description = description }
}

extension ConsumerOptions {
    /// Three attempts with a second between them, and what else a test needs.
    static func test(
        visibility: Duration? = nil, timeout: Duration? = nil, warnAfter: Duration? = nil, attempts: Int = 3,
        delay: Duration = .seconds(1), deadLetters: Bool? = nil, concurrency: Int? = nil, prefetch: Int? = nil,
        ordering: Ordering? = nil
    ) -> ConsumerOptions {
        ConsumerOptions(
            visibility: visibility, timeout: timeout, warnAfter: warnAfter,
            retry: RetryOptions(attempts: attempts, backoff: .fixed, initial: delay, jitter: 0),
            deadLetterEnabled: deadLetters, concurrency: concurrency, prefetch: prefetch, ordering: ordering)
    }
}

extension Delivery {
    /// The body as text.
    var text: String { message.payload.string }
}

extension EngineBench {
    /// Lets virtual time pass as a handler does that does not look at its cancellation.
    func passIgnoringCancellation(_ duration: Duration) async {
        await time.clock.sleepThroughCancellation(until: time.clock.now + duration)
    }

    /// A bench whose provider answers what the test lays down, and the way to the subscription of its consumer.
    static func scripted(
        _ options: ConsumerOptions = .test(), drain: Duration = .seconds(30)
    ) throws -> (bench: EngineBench, subscription: @Sendable () async throws -> ScriptedSubscription) {
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let bench = try EngineBench(options, drain: drain, time: time, provider: provider)
        return (
            bench,
            {
                await bench.pass(.milliseconds(1))
                return try #require(provider.subscriptions.first)
            }
        )
    }
}

extension ScriptedSubscription {
    /// Every settlement that was asked for, in order.
    var settled: [Settlement] { settling.requests.flatMap { $0 } }
}
