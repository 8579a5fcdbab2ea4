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
    /// The time.
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
