// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Makes providers in memory: `provider: memory`, which has no options.
public struct MemoryProviderFactory: BrokerProviderFactory {
    /// Makes a factory.
    public init() {}

    /// `memory`.
    public var name: String { "memory" }

    /// What every provider in memory promises.
    public var capabilities: BrokerCapabilities { MemoryProvider.promises }

    /// Makes a provider with no streams in it; there is nothing to read and nothing that can be wrong.
    public func makeProvider(
        _ context: ProviderContext, options: inout ConfigurationReader
    ) -> (any BrokerProvider)? {
        MemoryProvider(streams: context.streams, clock: context.clock)
    }
}
