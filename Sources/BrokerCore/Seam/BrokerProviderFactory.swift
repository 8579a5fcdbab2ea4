// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import Logging

/// Makes providers of one kind; registered under a name, it is what `provider:` in the configuration refers to.
public protocol BrokerProviderFactory: Sendable {
    /// The name in the configuration, in kebab case: `redis-streams`.
    var name: String { get }

    /// What the providers of this kind promise; known before one is made.
    var capabilities: BrokerCapabilities { get }

    /// Reads the broker's options and makes a provider, which opens nothing yet.
    ///
    /// Problems of the options go into `options`, each with its position; the result is `nil` when there is one.
    func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)?
}

/// What a factory is told beside the options of its broker.
public struct ProviderContext: Sendable {
    /// The broker that the provider will serve.
    public var broker: BrokerName
    /// The streams of that broker, as far as they are declared.
    public var streams: [StreamConfiguration]
    /// Where the dead letters of these streams go, as far as the configuration names a stream for them.
    public var deadLetters: [DeadLetterRoute] = []
    /// Where all time is taken from; in tests it is moved by hand.
    public var clock: any BrokerClock
    /// Where to log; carries the broker's name.
    public var logger: Logger

    /// Makes a context.
    public init(broker: BrokerName, streams: [StreamConfiguration], clock: any BrokerClock, logger: Logger) {
        self.broker = broker
        self.streams = streams
        self.clock = clock
        self.logger = logger
    }
}

/// Where the configuration sends what fails in a stream, for providers that cannot store it just anywhere.
public struct DeadLetterRoute: Sendable, Hashable {
    /// The stream or pattern whose messages fail.
    public var origin: StreamSelection
    /// Where they go.
    public var destination: StreamName
    /// Where that is said; `nil` when it was built in code.
    public var position: SourcePosition?

    /// Makes a route.
    public init(from origin: StreamSelection, to destination: StreamName, position: SourcePosition? = nil) {
        self.origin = origin
        self.destination = destination
        self.position = position
    }
}
