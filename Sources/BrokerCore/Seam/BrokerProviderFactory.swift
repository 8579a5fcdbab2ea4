// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import Logging

/// Makes providers of one kind. `provider:` in the configuration refers to its name.
public protocol BrokerProviderFactory: Sendable {
    /// The name in the configuration, in kebab case, such as `redis-streams`.
    var name: String { get }

    /// The capabilities of providers of this kind. They are known before a provider is made.
    var capabilities: BrokerCapabilities { get }

    /// Reads the options of a broker and makes its provider, which does not connect yet.
    ///
    /// - Parameters:
    ///   - context: What the factory is told besides the options.
    ///   - options: The options. Report problems to it; each gets its position.
    /// - Returns: The provider, or `nil` if there is a problem with the options.
    func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)?
}

/// What a factory is told besides the options of its broker.
public struct ProviderContext: Sendable {
    /// The broker that the provider will serve.
    public var broker: BrokerName
    /// The declared streams of that broker.
    public var streams: [StreamConfiguration]
    /// The streams for dead letters of these streams, as far as the configuration names them.
    public var deadLetters: [DeadLetterRoute] = []
    /// The source of time. Tests move it by hand.
    public var clock: any BrokerClock
    /// The logger. Its metadata has the broker's name.
    public var logger: Logger

    /// Makes a context.
    public init(broker: BrokerName, streams: [StreamConfiguration], clock: any BrokerClock, logger: Logger) {
        self.broker = broker
        self.streams = streams
        self.clock = clock
        self.logger = logger
    }
}

/// Where the configuration sends the dead letters of a stream, for providers that cannot store them in every stream.
public struct DeadLetterRoute: Sendable, Hashable {
    /// The stream or pattern whose dead letters these are.
    public var origin: StreamSelection
    /// The stream that stores them.
    public var destination: StreamName
    /// Where the file says so; `nil` if the configuration was built in code.
    public var position: SourcePosition?

    /// Makes a route.
    public init(from origin: StreamSelection, to destination: StreamName, position: SourcePosition? = nil) {
        self.origin = origin
        self.destination = destination
        self.position = position
    }
}
