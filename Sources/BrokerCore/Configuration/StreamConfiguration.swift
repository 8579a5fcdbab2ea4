// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
    /// The largest body that may be published, in bytes; defaults to 1 MiB, from 1 B to 512 MiB.
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
