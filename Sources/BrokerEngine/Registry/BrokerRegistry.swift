// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
public import Logging
public import ServiceLifecycle
import Synchronization

/// The program's side of a configuration: records handlers, publishes, runs consumers, and tells how all that is.
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
    let middleware: [any BrokerMiddleware]
    let logger: Logger
    let brokers: [BrokerName: Broker]
    let directory: StreamDirectory
    /// By which handlers publish.
    let outlet: Outlet
    /// Where the answers to this process's requests arrive, for each broker.
    let desks: [BrokerName: AnswerDesk]
    let state = Mutex(RegistryState())
    let orders = WakeSignal()
    let lanes = OpenLanes()
    let seen = Mutex<[BrokerName: (status: BrokerHealth.Status, since: Timestamp)]>([:])

    /// Makes a registry; everything that is wrong with the configuration is reported together. Nothing is opened yet.
    ///
    /// - Parameters:
    ///   - configuration: Brokers, streams and groups.
    ///   - providers: The kinds of providers that the configuration may name.
    ///   - codec: Turns values into bodies and back.
    ///   - middleware: Surrounds every handler, the first one outermost.
    ///   - observers: Are told of everything that happens.
    ///   - logger: Where to log.
    ///   - runtime: Time, chance and threads; the defaults are the real ones.
    public init(
        configuration: BrokersConfiguration, providers: [any BrokerProviderFactory], codec: any MessageCodec,
        middleware: [any BrokerMiddleware] = [], observers: [any BrokerObserver] = [],
        logger: Logger = Logger(label: "streambroker"), runtime: EngineRuntime = EngineRuntime()
    ) throws(ConfigurationError) {
        try configuration.validate(factories: providers)
        self.configuration = configuration
        self.codec = codec
        self.middleware = middleware
        self.runtime = runtime
        self.logger = logger
        let observers = Observers(list: [EventLog(logger: logger, clock: runtime.clock)] + observers)
        self.observers = observers
        directory = StreamDirectory(configuration)
        var brokers: [BrokerName: Broker] = [:]
        for broker in configuration.brokers {
            brokers[broker.name] = try Self.makeBroker(broker, configuration, providers, observers, logger, runtime)
        }
        self.brokers = brokers
        outlet = Outlet(directory: directory, brokers: brokers, codec: codec, observers: observers)
        desks = brokers.mapValues { AnswerDesk(broker: $0, runtime: runtime, observers: observers) }
    }

    private static func makeBroker(
        _ broker: BrokerConfiguration, _ configuration: BrokersConfiguration,
        _ factories: [any BrokerProviderFactory], _ observers: Observers, _ logger: Logger, _ runtime: EngineRuntime
    ) throws(ConfigurationError) -> Broker {
        var logger = logger
        logger[metadataKey: LoggingKeys.broker] = "\(broker.name)"
        let context = ProviderContext(
            broker: broker.name, streams: configuration.streams(of: broker.name), clock: runtime.clock, logger: logger)
        let provider = try broker.makeProvider(from: factories, context)
        let station = PublishStation(
            broker: broker.name, provider: provider, observers: observers, clock: runtime.clock)
        return Broker(
            name: broker.name, provider: broker.provider, service: provider, station: station,
            directory: StreamDirectory(configuration))
    }

    /// A broker by its name in the configuration; `nil` when there is none.
    public func broker(_ name: BrokerName) -> Broker? {
        brokers[name]
    }

    /// The broker that carries a stream; throws when the configuration does not declare the stream.
    public func broker(of stream: StreamName) throws(BrokerError) -> Broker {
        try listing(of: stream).broker
    }

    func listing(of stream: StreamName) throws(BrokerError) -> (broker: Broker, stream: StreamConfiguration) {
        try outlet.listing(of: stream)
    }
}
