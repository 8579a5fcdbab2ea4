// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What `brokers.yaml` says, as values: brokers, streams, groups and their numbers.
///
/// Read from a file or built in code; both are checked by the same rules before anything connects.
public struct BrokersConfiguration: Sendable {
    /// The environment whose overlay was applied; `nil` when none was.
    public var environment: String?
    /// The broker of streams that name none; may be left out when there is only one.
    public var defaultBroker: BrokerName?
    /// How long a shutdown may take; defaults to 30 s, from 0 s to 1 h.
    public var drain: Duration
    /// The brokers, in the order of the file.
    public var brokers: [BrokerConfiguration]
    /// What holds for every group that says nothing else.
    public var defaults: ConsumerOptions
    /// The streams and patterns, in the order of the file.
    public var streams: [StreamConfiguration]
    /// Where each key stands that was read from a file; empty when it was built in code.
    package var positions: [ConfigurationPath: SourcePosition] = [:]
    /// The variables that texts were taken from, by text: these are never shown.
    package var variables: [String: String] = [:]

    /// Makes a configuration; each part has the documented default.
    public init(
        brokers: [BrokerConfiguration], defaultBroker: BrokerName? = nil, drain: Duration = .seconds(30),
        defaults: ConsumerOptions = ConsumerOptions(), streams: [StreamConfiguration] = [], environment: String? = nil
    ) {
        self.brokers = brokers
        self.defaultBroker = defaultBroker
        self.drain = drain
        self.defaults = defaults
        self.streams = streams
        self.environment = environment
    }
}

extension BrokersConfiguration {
    /// A text in quotes for a message, or only where it came from when it came from a variable.
    package func shown(_ text: String) -> String {
        variables[text].map { "\(Secret.redacted.quoted) (the variable \($0))" } ?? text.quoted
    }

    /// The streams that a broker carries.
    package func streams(of broker: BrokerName) -> [StreamConfiguration] {
        streams.filter { ($0.broker ?? standardBroker) == broker }
    }

    /// The streams that each broker carries, for whoever goes through all brokers.
    package var streamsByBroker: [BrokerName: [StreamConfiguration]] {
        let standard = standardBroker
        return streams.reduce(into: [:]) { lists, stream in
            if let broker = stream.broker ?? standard { lists[broker, default: []].append(stream) }
        }
    }

    /// The broker of streams that name none: the default, or the only one.
    package var standardBroker: BrokerName? {
        defaultBroker ?? (brokers.count == 1 ? brokers.first?.name : nil)
    }
}

/// A broker: a name, the provider that serves it, and that provider's options.
public struct BrokerConfiguration: Sendable {
    /// The name by which streams refer to it.
    public var name: BrokerName
    /// The name of the provider's factory.
    public var provider: String
    /// The provider's own options: a map.
    public var options: ConfigurationNode
    /// Where it is declared; `nil` when it was built in code.
    public var position: SourcePosition?

    /// Makes a broker; by default without options.
    public init(
        _ name: BrokerName, provider: String, options: ConfigurationNode = ConfigurationNode(.map([])),
        position: SourcePosition? = nil
    ) {
        self.name = name
        self.provider = provider
        self.options = options
        self.position = position
    }
}

extension BrokersConfiguration {
    /// Checks a configuration by the rules of the file: names, bounds, what refers to what, and what providers promise.
    ///
    /// For what was built in code; what was loaded from a file has been checked. Throws every problem at once.
    public func validate(factories: [any BrokerProviderFactory]) throws(ConfigurationError) {
        var record = ConfigurationRecord()
        let promises = ProviderOptionsCheck(factories: factories).run(self, into: &record)
        for broker in brokers where broker.provider.isEmpty {
            let message = "'provider' is missing in brokers.\(broker.name.text.visible)"
            record.problems.append(ConfigurationProblem(message, at: broker.position))
        }
        var check = ConfigurationCheck(self, promises: promises, doubtful: record.doubtful)
        check.run()
        let problems = record.problems + check.problems
        if !problems.isEmpty { throw ConfigurationError(problems) }
    }
}
