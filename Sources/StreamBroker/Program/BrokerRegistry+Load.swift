// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
public import BrokerEngine
public import Logging

extension BrokerRegistry {
    /// The kinds of providers that come with the framework; add your own behind them.
    public static var builtInProviders: [any BrokerProviderFactory] { BuiltInProviders.factories }

    /// Makes a registry of a file. Connects to nothing.
    ///
    /// Throws every problem of the file at once, in its order. A registry that was loaded knows no signals: run it as a
    /// `Service`, or use ``main(_:environment:providers:codec:middleware:observers:logger:register:whenDone:)``.
    ///
    /// - Parameters:
    ///   - path: The file; `-` is standard input.
    ///   - environment: The environment whose overlay applies; by default what `STREAMBROKER_ENV` says, else none.
    ///   - providers: The kinds of providers that the file may name.
    ///   - codec: Turns values into bodies and back.
    ///   - middleware: Surrounds handling and publishing, the first one nearest to the broker.
    ///   - observers: Are told of everything that happens.
    ///   - logger: Where to log.
    public static func load(
        _ path: String = "brokers.yaml", environment: String? = nil,
        providers: [any BrokerProviderFactory] = builtInProviders, codec: any MessageCodec = JSONMessageCodec(),
        middleware: [any BrokerMiddleware] = [], observers: [any BrokerObserver] = [],
        logger: Logger = Logger(label: "streambroker")
    ) throws(ConfigurationError) -> BrokerRegistry {
        let configuration = try ConfigurationLoader.load(path: path, environment: environment, factories: providers)
        return try BrokerRegistry(
            configuration, providers: providers, codec: codec, middleware: middleware, observers: observers,
            logger: logger)
    }

    /// Makes a registry of a configuration that was built in code, with the built-in providers and JSON.
    ///
    /// Throws every problem at once, by the same rules as for a file.
    public convenience init(
        _ configuration: BrokersConfiguration, providers: [any BrokerProviderFactory] = builtInProviders,
        codec: any MessageCodec = JSONMessageCodec(), middleware: [any BrokerMiddleware] = [],
        observers: [any BrokerObserver] = [], logger: Logger = Logger(label: "streambroker")
    ) throws(ConfigurationError) {
        try self.init(
            configuration: configuration, providers: providers, codec: codec, middleware: middleware,
            observers: observers, logger: logger, runtime: EngineRuntime(instance: ProcessIdentity.hostAndPID))
    }
}
