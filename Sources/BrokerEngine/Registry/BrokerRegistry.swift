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
    let state = Mutex(RegistryState())
    let orders = WakeSignal()
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
        let assembly = ProviderAssembly(
            configuration, factories: providers, clock: runtime.clock, logger: logger)
        guard assembly.problems.isEmpty else { throw ConfigurationError(assembly.problems) }
        self.configuration = configuration
        self.codec = codec
        self.middleware = middleware
        self.runtime = runtime
        self.logger = logger
        let observers = Observers(list: [EventLog(logger: logger)] + observers)
        self.observers = observers
        directory = StreamDirectory(configuration)
        var brokers: [BrokerName: Broker] = [:]
        for broker in configuration.brokers {
            guard let provider = assembly.providers[broker.name] else { continue }
            brokers[broker.name] = Broker(
                name: broker.name, provider: broker.provider, service: provider,
                station: PublishStation(
                    broker: broker.name, provider: provider, observers: observers, clock: runtime.clock))
        }
        self.brokers = brokers
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
        guard let listing = directory.listing(of: stream), let broker = brokers[listing.broker] else {
            let suggestion = Suggestion.phrase(for: stream.text, among: directory.names)
            throw BrokerError(.undeclaredStream, "the configuration declares no stream '\(stream)'\(suggestion)")
        }
        return (broker, listing.stream)
    }
}
