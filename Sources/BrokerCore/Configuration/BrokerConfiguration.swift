// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
