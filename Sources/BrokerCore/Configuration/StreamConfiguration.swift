// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A stream, or a pattern of streams: its broker, its policies, and its groups.
public struct StreamConfiguration: Sendable {
    /// The name or pattern.
    public var selection: StreamSelection
    /// The broker that carries it; `nil` is the default broker.
    public var broker: BrokerName?
    /// A broker that broadcasts every message as well, after it is stored; `nil` (the default) is none.
    public var also: BrokerName?
    /// What the stream needs from its provider; defaults to at least once.
    public var guarantee: DeliveryGuarantee
    /// How many entries the stream keeps, and for how long; by default everything.
    public var retention: RetentionPolicy
    /// How long the ids of publishes are remembered, and how many; `nil` (the default) is ``DeduplicationPolicy`` with
    /// its defaults.
    public var deduplication: DeduplicationPolicy?
    /// What a publish waits for; `nil` (the default) is the server alone.
    public var durability: DurabilityPolicy?
    /// Where the body is among the fields of an entry. `nil` (the default) is ``BodyLayout/standard``; for a stream of
    /// dead letters it is the layout of the stream that they come from.
    public var body: BodyLayout?
    /// The largest body that may be published, in bytes; defaults to 1 MiB, from 1 B to 512 MiB.
    public var maximumPayload: Int
    /// The options of its groups, unless these set them.
    public var options: ConsumerOptions
    /// Its groups, in the order of the file.
    public var groups: [GroupConfiguration]
    /// Where it is declared; `nil` if it was built in code.
    public var position: SourcePosition?

    /// The default of ``maximumPayload``: 1 MiB.
    public static let defaultMaximumPayload = 1 << 20

    /// Makes a stream. A name with a `*` is a pattern. Each part but the name has the documented default.
    public init(
        _ name: String, broker: BrokerName? = nil, also: BrokerName? = nil,
        guarantee: DeliveryGuarantee = .atLeastOnce, body: BodyLayout? = nil,
        retention: RetentionPolicy = RetentionPolicy(), deduplication: DeduplicationPolicy? = nil,
        durability: DurabilityPolicy? = nil,
        maximumPayload: Int = defaultMaximumPayload,
        options: ConsumerOptions = ConsumerOptions(),
        groups: [GroupConfiguration] = [], position: SourcePosition? = nil
    ) {
        selection = StreamSelection(name)
        self.broker = broker
        self.also = also
        self.guarantee = guarantee
        self.retention = retention
        self.deduplication = deduplication
        self.durability = durability
        self.body = body
        self.maximumPayload = maximumPayload
        self.options = options
        self.groups = groups
        self.position = position
    }
}

/// A group of a stream, with its own options.
public struct GroupConfiguration: Sendable {
    /// The name.
    public var name: GroupName
    /// The options of the group. Options that are not set come from its stream, then from the defaults.
    public var options: ConsumerOptions
    /// Where it is declared; `nil` if it was built in code.
    public var position: SourcePosition?

    /// Makes a group. By default it has no options of its own.
    public init(_ name: GroupName, _ options: ConsumerOptions = ConsumerOptions(), position: SourcePosition? = nil) {
        self.name = name
        self.options = options
        self.position = position
    }
}
