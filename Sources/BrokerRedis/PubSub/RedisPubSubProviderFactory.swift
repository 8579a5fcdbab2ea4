// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire

/// Makes brokers on Redis Pub/Sub: `provider: redis-pubsub`.
public struct RedisPubSubProviderFactory: BrokerProviderFactory {
    /// Makes a factory.
    public init() {}

    /// `redis-pubsub`.
    public var name: String { "redis-pubsub" }

    /// What every provider on Redis Pub/Sub promises.
    public var capabilities: BrokerCapabilities { RedisPubSubProvider.promises }

    /// Reads the options and the files of certificates, and makes a provider; it connects to nothing.
    public func makeProvider(
        _ context: ProviderContext, options: inout ConfigurationReader
    ) -> (any BrokerProvider)? {
        var reader = RedisOptionsReader(options)
        let read = reader.readPubSub()
        options = reader.options
        guard let read else { return nil }
        do throws(RedisError) {
            let provider = try RedisPubSubProvider(
                read, streams: context.streams, clock: context.clock, logger: context.logger)
            read.connection.warn(context.logger)
            return provider
        } catch {
            options.report(certificates: error)
            return nil
        }
    }
}
