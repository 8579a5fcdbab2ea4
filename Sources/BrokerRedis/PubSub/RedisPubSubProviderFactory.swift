// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
package import BrokerMemory
package import RedisWire

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

/// What a broker on Redis Pub/Sub can be told.
package struct RedisPubSubOptions: Sendable {
    /// How to reach the server.
    package var connection: RedisOptions
    /// What every channel begins with; empty by default.
    package var prefix = ""
    /// How much is kept of what has come and is not settled.
    package var buffer = BufferBounds()

    /// Makes options with their defaults.
    package init(connection: RedisOptions) {
        self.connection = connection
    }
}

/// The keys of a broker on Redis Pub/Sub, for the reader and the documentation.
package enum RedisPubSubKeys {
    static let limits = 1...10_000_000
    static let sizes = 1024...(64 << 30)

    /// What a broker on Redis Pub/Sub has beside what reaching the server takes.
    package static let buffer: [ConfigurationKey] = [
        row("buffer.limit", .integer(limits), "10000", "How many messages are kept at most, of all streams together."),
        row(
            "buffer.bytes", .size(sizes), "64MiB",
            "How many bytes these have at most; each message counts 256 more than it has."),
        row(
            "buffer.overflow", .choice(BufferBounds.Overflow.allCases.map(\.rawValue)), "drop-oldest",
            "What gives way: the oldest message that no handler holds, the one that comes, or the connection."),
    ]

    /// The rows in the order of the documentation.
    package static let all = RedisBrokerKeys.reach + buffer

    private static func row(
        _ name: String, _ kind: ConfigurationKind, _ standard: String, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(name, [.broker], kind, standard, summary)
    }
}
