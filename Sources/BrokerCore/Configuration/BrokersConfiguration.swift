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

/// A stream, or a pattern of streams: where it lives, what it needs, and the groups that consume it.
public struct StreamConfiguration: Sendable {
    /// The name or pattern.
    public var selection: StreamSelection
    /// The broker that carries it; `nil` is the default broker.
    public var broker: BrokerName?
    /// A broker on which every message is broadcast as well, once it is stored.
    public var also: BrokerName?
    /// What it demands of its provider; defaults to at least once.
    public var guarantee: DeliveryGuarantee
    /// What it keeps of its past; by default everything.
    public var retention: RetentionPolicy
    /// The largest body that may be published, in bytes; defaults to 1 MiB.
    public var maximumPayload: Int
    /// What holds for its groups unless they say otherwise.
    public var options: ConsumerOptions
    /// Its groups, in the order of the file.
    public var groups: [GroupConfiguration]
    /// Where it is declared; `nil` when it was built in code.
    public var position: SourcePosition?

    /// The default of ``maximumPayload``: 1 MiB.
    public static let defaultMaximumPayload = 1 << 20

    /// Makes a stream; text with a `*` is a pattern. Each part but the name has the documented default.
    public init(
        _ name: String, broker: BrokerName? = nil, also: BrokerName? = nil,
        guarantee: DeliveryGuarantee = .atLeastOnce, retention: RetentionPolicy = RetentionPolicy(),
        maximumPayload: Int = defaultMaximumPayload, options: ConsumerOptions = ConsumerOptions(),
        groups: [GroupConfiguration] = [], position: SourcePosition? = nil
    ) {
        selection = StreamSelection(name)
        self.broker = broker
        self.also = also
        self.guarantee = guarantee
        self.retention = retention
        self.maximumPayload = maximumPayload
        self.options = options
        self.groups = groups
        self.position = position
    }
}

/// A group of a stream, with the numbers of its own.
public struct GroupConfiguration: Sendable {
    /// The name.
    public var name: GroupName
    /// What holds for it; what it leaves out comes from its stream, then from the defaults.
    public var options: ConsumerOptions
    /// Where it is declared; `nil` when it was built in code.
    public var position: SourcePosition?

    /// Makes a group; by default with nothing of its own.
    public init(_ name: GroupName, _ options: ConsumerOptions = ConsumerOptions(), position: SourcePosition? = nil) {
        self.name = name
        self.options = options
        self.position = position
    }
}
