// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The content of `brokers.yaml` as values: brokers, streams, groups and their options.
///
/// It is read from a file or built in code. The same rules check both before anything connects.
public struct BrokersConfiguration: Sendable {
    /// The environment whose overlay was applied; `nil` if none was.
    public var environment: String?
    /// The broker of streams that name none; may be `nil` if there is only one broker.
    public var defaultBroker: BrokerName?
    /// How long a shutdown may take; defaults to 30 s, from 0 s to 1 h.
    public var drain: Duration
    /// How much log lines say of the error of a handler; defaults to its type.
    public var errorDetail: ErrorDetail
    /// The brokers, in the order of the file.
    public var brokers: [BrokerConfiguration]
    /// The options of every group that does not set them itself.
    public var defaults: ConsumerOptions
    /// The streams and patterns, in the order of the file.
    public var streams: [StreamConfiguration]
    /// The position of each key that was read from a file; empty if the configuration was built in code.
    package var positions: [ConfigurationPath: SourcePosition] = [:]
    /// The variables that texts came from, by text. Such texts are never shown.
    package var variables: [String: String] = [:]
    /// The environments of the file.
    package var environments = DeclaredEnvironments()

    /// Makes a configuration. Each part but `brokers` has the documented default.
    public init(
        brokers: [BrokerConfiguration], defaultBroker: BrokerName? = nil, drain: Duration = .seconds(30),
        errorDetail: ErrorDetail = .type, defaults: ConsumerOptions = ConsumerOptions(),
        streams: [StreamConfiguration] = [], environment: String? = nil
    ) {
        self.brokers = brokers
        self.defaultBroker = defaultBroker
        self.drain = drain
        self.errorDetail = errorDetail
        self.defaults = defaults
        self.streams = streams
        self.environment = environment
    }
}

extension BrokersConfiguration {
    /// Returns a text in quotes for a message; for a text that came from a variable, only the name of the variable.
    package func shown(_ text: String) -> String {
        variables[text].map { "\(Secret.redacted.quoted) (the variable \($0))" } ?? text.quoted
    }

    /// Returns the streams of a broker.
    package func streams(of broker: BrokerName) -> [StreamConfiguration] {
        streams.filter { ($0.broker ?? standardBroker) == broker }
    }

    /// The streams of each broker.
    package var streamsByBroker: [BrokerName: [StreamConfiguration]] {
        let standard = standardBroker
        return streams.reduce(into: [:]) { lists, stream in
            if let broker = stream.broker ?? standard { lists[broker, default: []].append(stream) }
        }
    }

    /// The broker of streams that name none: the default, or the only broker.
    package var standardBroker: BrokerName? {
        defaultBroker ?? (brokers.count == 1 ? brokers.first?.name : nil)
    }
}

/// How much log lines say of the error of a handler, which may hold what a message said. Closed by design.
public enum ErrorDetail: String, Sendable, Hashable, CaseIterable {
    /// Its type.
    case type
    /// Its type and its text.
    case full
}

/// A broker: its name, its provider, and the options of the provider.
public struct BrokerConfiguration: Sendable {
    /// The name with which streams refer to it.
    public var name: BrokerName
    /// The name of the factory that makes its provider.
    public var provider: String
    /// The options of the provider: a map.
    public var options: ConfigurationNode
    /// Where it is declared; `nil` if it was built in code.
    public var position: SourcePosition?

    /// Makes a broker. By default it has no options.
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
    /// Checks the configuration by the rules of the file: names, bounds, references, and the capabilities of providers.
    ///
    /// It is for a configuration that was built in code; loading a file checks it.
    ///
    /// - Parameter factories: The factories of all providers that the configuration names.
    /// - Throws: All problems at once.
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
