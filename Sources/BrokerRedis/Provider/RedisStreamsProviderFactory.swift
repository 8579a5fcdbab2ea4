// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire

/// Makes brokers on Redis Streams: `provider: redis-streams`.
public struct RedisStreamsProviderFactory: BrokerProviderFactory {
    /// Makes a factory.
    public init() {}

    /// `redis-streams`.
    public var name: String { "redis-streams" }

    /// What every provider on Redis Streams promises.
    public var capabilities: BrokerCapabilities { RedisStreamsProvider.promises }

    /// Reads the options and the files of certificates, and makes a provider; it connects to nothing.
    public func makeProvider(
        _ context: ProviderContext, options: inout ConfigurationReader
    ) -> (any BrokerProvider)? {
        var reader = RedisOptionsReader(options)
        let read = reader.readStreams()
        options = reader.options
        RedisKeyCheck(keys: RedisKeys(prefix: read?.prefix ?? "")).run(context, into: &options)
        guard let read, options.problems.isEmpty else { return nil }
        do throws(RedisError) {
            let provider = try RedisStreamsProvider(
                read, streams: context.streams, clock: context.clock, logger: context.logger)
            read.connection.warn(context.logger)
            return provider
        } catch {
            options.report(certificates: error)
            return nil
        }
    }
}
