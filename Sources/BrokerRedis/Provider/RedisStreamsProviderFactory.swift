// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Logging
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
        let read = reader.read()
        options = reader.options
        RedisKeyCheck(keys: RedisKeys(prefix: read?.prefix ?? "")).run(context, into: &options)
        guard let read, options.problems.isEmpty else { return nil }
        do throws(RedisError) {
            let provider = try RedisStreamsProvider(
                read, streams: context.streams, clock: context.clock, logger: context.logger)
            warn(of: read.connection, context.logger)
            return provider
        } catch {
            let problem = error.message.hasPrefix("tls: ") ? error.message.dropFirst(5) : error.message[...]
            options.report("'tls'\(options.path.phrase): \(problem)", key: "tls")
            return nil
        }
    }

    private func warn(of connection: RedisOptions, _ logger: Logger) {
        guard connection.url.isEncrypted, connection.tls.verification == .none else { return }
        logger.warning(
            "The server's certificate is not verified (tls.verify is none): anybody can pose as the server",
            metadata: ["broker.address": "\(connection.url)"])
    }
}
