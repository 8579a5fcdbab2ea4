// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
public import Logging
public import ServiceLifecycle
import Synchronization

/// The brokers, streams and handlers of a program: records handlers, publishes, runs consumers, and reports on them.
///
/// A registry is a `Service`: ``run()`` consumes until a graceful shutdown, ``drain()`` or cancellation, and then ends
/// in bounded time. Publishing works before it runs. Every method may be called from any task.
public final class BrokerRegistry: Service, Sendable {
    /// The configuration it was made with.
    public let configuration: BrokersConfiguration
    /// The codec of typed handlers and of published values.
    public let codec: any MessageCodec

    let runtime: EngineRuntime
    let observers: Observers
    let eventLog: EventLog
    let middleware: MiddlewareChain
    let logger: Logger
    package let brokers: [BrokerName: Broker]
    package let directory: StreamDirectory
    let startNotes: StartNotes
    /// Finds where messages go, however they are published.
    let router: PublishRouter
    /// Receives the replies to this process's requests, for each broker.
    let replyInboxes: [BrokerName: ReplyInbox]
    let state = Mutex(RegistryState())
    /// Raised when consumers were added, or when a drain begins.
    let stateSignal = WakeSignal()
    let lanes = OpenLanes()
    let seen = Mutex<[BrokerName: (status: BrokerHealth.Status, since: Timestamp)]>([:])

    /// Makes a registry; opens no connection.
    ///
    /// - Parameters:
    ///   - configuration: Brokers, streams and groups.
    ///   - providers: The kinds of providers that the configuration may name.
    ///   - codec: Turns values into bodies and back.
    ///   - middleware: Surrounds handling and publishing, the first one nearest to the broker.
    ///   - observers: Receive every event.
    ///   - logger: Where to log.
    ///   - runtime: Time, randomness and threads; the defaults are the real ones.
    /// - Throws: Everything that is wrong with the configuration, together.
    public init(
        configuration: BrokersConfiguration, providers: [any BrokerProviderFactory], codec: any MessageCodec,
        middleware: [any BrokerMiddleware] = [], observers: [any BrokerObserver] = [],
        logger: Logger = Logger(label: "streambroker"), runtime: EngineRuntime = EngineRuntime()
    ) throws(ConfigurationError) {
        try configuration.validate(factories: providers)
        self.configuration = configuration
        self.codec = codec
        let middleware = MiddlewareChain(list: middleware)
        self.middleware = middleware
        self.runtime = runtime
        self.logger = logger
        eventLog = EventLog(logger: logger, runtime: runtime, detail: configuration.errorDetail)
        let observers = Observers(log: eventLog, observers)
        self.observers = observers
        let directory = StreamDirectory(configuration)
        self.directory = directory
        startNotes = StartNotes(
            configuration, directory: directory,
            promises: Dictionary(providers.map { ($0.name, $0.capabilities) }) { first, _ in first })
        let streams = configuration.streamsByBroker
        var brokers: [BrokerName: Broker] = [:]
        for broker in configuration.brokers {
            let context = ProviderContext(
                broker: broker.name, streams: streams[broker.name, default: []], clock: runtime.clock, logger: logger)
            brokers[broker.name] = try Self.makeBroker(broker, context, providers, directory, observers)
        }
        self.brokers = brokers
        router = PublishRouter(directory: directory, brokers: brokers, codec: codec, middleware: middleware)
        replyInboxes = brokers.mapValues { ReplyInbox(broker: $0, runtime: runtime, observers: observers) }
    }

    private static func makeBroker(
        _ broker: BrokerConfiguration, _ context: ProviderContext, _ factories: [any BrokerProviderFactory],
        _ directory: StreamDirectory, _ observers: Observers
    ) throws(ConfigurationError) -> Broker {
        var context = context
        context.logger[metadataKey: LoggingKeys.broker] = "\(broker.name)"
        context.logger.handler = LeaseSafeLog(context.logger.handler)
        let provider = try broker.makeProvider(from: factories, context)
        let clock = context.clock
        let makeStation = { @Sendable in
            PublishStation(broker: broker.name, provider: provider, observers: observers, clock: clock)
        }
        let places = (provider as? any StreamPlacing).flatMap { placing in
            placing.hasPlaces ? PublishPlaces(placing, directory, makeStation: makeStation) : nil
        }
        return Broker(
            name: broker.name, provider: broker.provider, service: provider, station: makeStation(),
            replicatedStation: makeStation(), places: places, directory: directory)
    }

    deinit {
        let (phase, count) = state.withLock { ($0.phase, $0.handlers.count) }
        guard phase == .idle, count > 0 else { return }
        let handlers = count == 1 ? "1 handler" : "\(count) handlers"
        logger.warning(
            """
            A registry with \(handlers) was dropped and has never run, so nothing was consumed; call run(), or put it in \
            a ServiceGroup
            """)
    }

    /// Returns a broker by its name in the configuration; `nil` when there is none.
    public func broker(_ name: BrokerName) -> Broker? {
        brokers[name]
    }

    /// Returns the broker that carries a stream.
    ///
    /// - Throws: ``BrokerError/Code/undeclaredStream`` when the configuration does not declare the stream.
    public func broker(of stream: StreamName) throws(BrokerError) -> Broker {
        try router.route(to: stream).broker
    }
}
