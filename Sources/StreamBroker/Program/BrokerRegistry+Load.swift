// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
public import BrokerEngine
import BrokerMemory
import BrokerRedis
public import Logging

extension BrokerRegistry {
    /// The providers that come with the framework; append your own.
    public static var builtInProviders: [any BrokerProviderFactory] { BuiltInProviders.factories }

    /// Makes a registry from a file; opens no connection.
    ///
    /// The registry does not handle signals: run it as a `Service`, or use
    /// ``main(_:environment:providers:codec:middleware:observers:logger:register:whenDone:)``.
    ///
    /// - Parameters:
    ///   - path: The file; `-` is standard input.
    ///   - environment: The environment whose overlay applies; by default that of `STREAMBROKER_ENV`, or none.
    ///   - providers: The providers that the file may name.
    ///   - codec: Turns values into bodies and back.
    ///   - middleware: Surrounds handling and publishing, the first one nearest to the broker.
    ///   - observers: Receive every event.
    ///   - logger: Where to log.
    /// - Returns: The registry.
    /// - Throws: Every problem of the file at once, in the order of the file.
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

    /// Makes a registry from a configuration that was built in code, with the built-in providers and JSON.
    ///
    /// - Throws: Every problem at once. The rules are those of a file.
    public convenience init(
        _ configuration: BrokersConfiguration, providers: [any BrokerProviderFactory] = builtInProviders,
        codec: any MessageCodec = JSONMessageCodec(), middleware: [any BrokerMiddleware] = [],
        observers: [any BrokerObserver] = [], logger: Logger = Logger(label: "streambroker")
    ) throws(ConfigurationError) {
        try self.init(
            configuration: configuration, providers: providers, codec: codec, middleware: middleware,
            observers: observers, logger: logger, runtime: .ofThisProcess)
    }
}

extension EngineRuntime {
    /// The runtime of a program: consumers are named after the process, and errors tell themselves in their own words.
    fileprivate static var ofThisProcess: EngineRuntime {
        var runtime = EngineRuntime(instance: ProcessIdentity.hostAndPID)
        runtime.errorText = ErrorText.text(of:)
        return runtime
    }
}

/// The providers that come with the framework, by the names that `provider:` takes.
package enum BuiltInProviders {
    /// The factories, in the order in which messages list them.
    package static let factories: [any BrokerProviderFactory] = [
        MemoryProviderFactory(), RedisStreamsProviderFactory(), RedisPubSubProviderFactory(),
    ]
}
