// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Logging
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

    /// Reads the options and the files of certificates, and makes a provider, which connects to nothing yet.
    ///
    /// - Parameters:
    ///   - context: The declared streams, the clock and the logger.
    ///   - options: The options of the broker; problems are reported to it.
    /// - Returns: the provider, or `nil` after a problem.
    public func makeProvider(
        _ context: ProviderContext, options: inout ConfigurationReader
    ) -> (any BrokerProvider)? {
        var reader = RedisOptionsReader(options)
        let read = reader.readPubSub()
        options = reader.options
        for stream in context.streams where stream.body != nil {
            options.report(
                "stream \(stream.selection.text.quoted) sets 'body', but on redis-pubsub a message has no fields: all of "
                    + "it is the body; leave 'body' out",
                at: stream.position)
        }
        if read?.channels == .sharded { refusePatterns(context, &options) }
        guard var read, options.problems.isEmpty else { return nil }
        let lifetime = ProviderLifetime()
        var context = context
        context.logger.handler = LoopSafeLog(context.logger.handler)
        read.connection.watch = ConnectionLog(
            context, provider: name, url: read.connection.url, waitsForLogin: read.waitsForLogin, lifetime)
        read.connection.clientName += ":\(context.broker)"
        do throws(RedisError) {
            let provider = try RedisPubSubProvider(
                read, streams: context.streams, clock: context.clock, logger: context.logger, lifetime: lifetime)
            read.connection.warn(context.logger)
            read.connection.warnOfSentinels(context.logger)
            return provider
        } catch {
            options.report(unusable: error)
            return nil
        }
    }

    private func refusePatterns(_ context: ProviderContext, _ options: inout ConfigurationReader) {
        for stream in context.streams {
            guard case .pattern(let pattern) = stream.selection else { continue }
            options.report(RedisChannels.refusal(of: pattern), at: stream.position)
        }
    }
}

/// The options of a broker on Redis Pub/Sub.
package struct RedisPubSubOptions: Sendable {
    /// How to reach the server.
    package var connection: RedisOptions
    /// The prefix of every channel; empty by default.
    package var prefix = ""
    /// Which channels are used; classic by default.
    package var channels = RedisChannels.Kind.classic
    /// How many messages are kept that have come and are not settled.
    package var buffer = BufferBounds()
    /// Whether a login that is refused at the start is tried for ever; by default the program ends after three tries.
    package var waitsForLogin = false

    /// Makes options with their defaults.
    package init(connection: RedisOptions) {
        self.connection = connection
    }
}

/// The keys of a broker on Redis Pub/Sub, for the reader and the documentation.
package enum RedisPubSubKeys {
    static let limits = 1...10_000_000
    static let sizes = 1024...(64 << 30)

    /// The keys that only a broker on Redis Pub/Sub has.
    package static let own: [ConfigurationKey] = [
        row(
            "channels", .choice(RedisChannels.Kind.allCases.map(\.rawValue)), "classic",
            "Whether a cluster sends each message to all its nodes, or only to those of its channel's slot."),
        row("buffer.limit", .integer(limits), "10000", "How many messages are kept at most, of all streams together."),
        row(
            "buffer.bytes", .size(sizes), "64MiB",
            "How many bytes these have at most; each message counts 256 more than it has."),
        row(
            "buffer.overflow", .choice(BufferBounds.Overflow.allCases.map(\.rawValue)), "drop-oldest",
            "What gives way: the oldest message that no handler holds, the one that comes, or the connection."),
    ]

    /// The rows in the order of the documentation.
    package static let all = RedisBrokerKeys.reach + own

    private static func row(
        _ name: String, _ kind: ConfigurationKind, _ standard: String, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(name, [.broker], kind, standard, summary)
    }
}
