// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
public import BrokerEngine
import BrokerMemory
import Logging
import Synchronization

/// A broker for tests of an application's handlers: the whole engine with the memory provider, on virtual time.
///
/// For the test, time passes in ``advance(by:)`` and nowhere else. Every run is the same.
/// ``withVirtualBroker(_:codec:middleware:seed:register:_:)`` makes it.
public final class VirtualBroker: Sendable {
    /// The running registry, in which the handlers are recorded.
    public let registry: BrokerRegistry
    /// The time on which everything runs. Other parts of the test that need a clock use it, too.
    public let time: VirtualTime
    /// The recorder of everything that has happened.
    public let recorder = EventRecorder()

    private let watch = HandlerWatch()

    init(
        _ configuration: BrokersConfiguration, codec: any MessageCodec, middleware: [any BrokerMiddleware],
        seed: UInt64?
    ) throws(ConfigurationError) {
        let time = VirtualTime(seed: seed)
        self.time = time
        registry = try BrokerRegistry(
            configuration: Self.onMemory(configuration), providers: [MemoryProviderFactory()], codec: codec,
            middleware: middleware + [watch], observers: [recorder],
            logger: Logger(label: "virtual") { _ in SwiftLogNoOpLogHandler() },
            runtime: TimeControl.virtual(time).runtime(seed: seed ?? 0))
    }

    /// Returns the configuration with every broker in memory, without the options of the other providers.
    private static func onMemory(_ configuration: BrokersConfiguration) -> BrokersConfiguration {
        var configuration = configuration
        for index in configuration.brokers.indices {
            configuration.brokers[index].provider = MemoryProviderFactory().name
            configuration.brokers[index].options = ConfigurationNode(.map([]))
        }
        return configuration
    }

    /// Lets `duration` pass: due retries are tried, leases expire, deadlines pass.
    ///
    /// With `.zero`, the default, everything happens that can happen now, such as the first attempt.
    public func advance(by duration: Duration = .zero) async {
        await time.pass(duration)
    }

    /// Adds a handler for messages. It starts at once.
    @discardableResult
    public func handle(
        _ stream: String, group: GroupName, file: String = #filePath, line: Int = #line,
        handler: @escaping DeliveryHandler
    ) throws(ConfigurationError) -> HandlerID {
        try registry.add(StreamHandler(stream, group: group, file: file, line: line, handler: handler))
    }

    /// Adds a handler for values. It starts at once.
    @discardableResult
    public func handle<Value: Decodable & Sendable>(
        _ stream: String, group: GroupName, as type: Value.Type, file: String = #filePath, line: Int = #line,
        handler: @escaping @Sendable (Value, Delivery) async throws -> Void
    ) throws(ConfigurationError) -> HandlerID {
        try registry.add(
            StreamHandler(
                stream, group: group, as: type, codec: registry.codec, file: file, line: line, handler: handler))
    }

    /// Publishes a message, as the registry does.
    @discardableResult
    public func publish(_ message: Message, to stream: StreamName) async throws(BrokerError) -> PublishReceipt {
        try await registry.publish(message, to: stream)
    }

    /// Publishes a value, as the registry does.
    @discardableResult
    public func publish<Value: Encodable & Sendable>(
        _ value: Value, to stream: StreamName, key: String? = nil, headers: Headers = [:]
    ) async throws(BrokerError) -> PublishReceipt {
        try await registry.publish(value, to: stream, key: key, headers: headers)
    }

    /// Returns the attempts of a group so far, in the order in which they were settled.
    public func attempts(in group: GroupName) -> [Int] {
        recorder.settlements.filter { $0.consumer.group == group }.map(\.entry.attempt)
    }

    /// Returns the decisions in a group so far, in the order in which they were settled.
    public func decisions(in group: GroupName) -> [SettledEvent.Kind] {
        recorder.settlements.filter { $0.consumer.group == group }.map(\.entry.kind)
    }

    /// Returns the dead letters of a stream, oldest first, at most 1000.
    ///
    /// - Parameters:
    ///   - stream: The stream.
    ///   - destination: The stream of its dead letters, if the configuration names one.
    public func deadLetters(
        of stream: StreamName, in destination: StreamName? = nil
    ) async throws(BrokerError) -> [StoredMessage] {
        let broker = try registry.broker(of: stream)
        return try await broker.range(.zero ... .maximum, of: destination ?? stream.deadLetters)
    }

    /// Runs the registry around `body`.
    func serve<Value: Sendable>(
        _ body: @escaping @Sendable (VirtualBroker) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.registry.run() }
            // The registry must run before it can be drained.
            await advance()
            let result = await Self.result { try await body(self) }
            await advance()
            let lost = watch.handlerOffTheClock(at: time.clock.now)
            registry.drain()
            let ending = await Self.result { try await group.waitForAll() }
            // Handlers that do not fit never ran, and that is the cause of what the body missed.
            if case .failure(let misfit as ConfigurationError) = ending { throw misfit }
            let value = try result.get()
            try ending.get()
            if let lost { throw lost }
            return value
        }
    }

    private static func result<Value>(of body: () async throws -> Value) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

/// An observer that records every event, for tests.
public final class EventRecorder: BrokerObserver {
    private let list = Mutex<[BrokerEvent]>([])

    /// Makes a recorder without events.
    public init() {}

    /// Every event so far, in the order in which they were observed.
    public var events: [BrokerEvent] { list.withLock { $0 } }

    /// Every settlement so far that a provider has carried out, in order.
    public var settlements: [(consumer: ConsumerIdentity, entry: SettledEvent.Entry)] {
        events.flatMap { event -> [(consumer: ConsumerIdentity, entry: SettledEvent.Entry)] in
            guard case .settled(let settled) = event else { return [] }
            return settled.entries.map { (settled.consumer, $0) }
        }
    }

    /// Records an event.
    public func observe(_ event: BrokerEvent) {
        list.withLock { $0.append(event) }
    }
}
