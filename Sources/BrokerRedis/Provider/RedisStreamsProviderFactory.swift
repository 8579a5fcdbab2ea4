// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Logging
package import RedisWire

/// Makes brokers on Redis Streams: `provider: redis-streams`.
public struct RedisStreamsProviderFactory: BrokerProviderFactory {
    /// Makes a factory.
    public init() {}

    /// `redis-streams`.
    public var name: String { "redis-streams" }

    /// What every provider on Redis Streams promises.
    public var capabilities: BrokerCapabilities { RedisStreamsProvider.promises }

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
        let read = reader.readStreams()
        options = reader.options
        RedisKeyCheck(keys: RedisKeys(prefix: read?.prefix ?? "")).run(context, into: &options)
        guard var read, options.problems.isEmpty else { return nil }
        let lifetime = ProviderLifetime()
        var context = context
        context.logger.handler = LoopSafeLog(context.logger.handler)
        read.connection.watch = ConnectionLog(
            context, provider: name, url: read.connection.url, waitsForLogin: read.waitsForLogin, lifetime)
        read.connection.clientName += ":\(context.broker)"
        do throws(RedisError) {
            let provider = try RedisStreamsProvider(
                read, streams: context.streams, clock: context.clock, logger: context.logger, lifetime: lifetime)
            read.connection.warn(context.logger)
            read.connection.warnOfSentinels(context.logger)
            return provider
        } catch {
            options.report(unusable: error)
            return nil
        }
    }
}

/// The options of a broker on Redis Streams.
package struct RedisStreamsOptions: Sendable {
    /// How to reach the server.
    package var connection: RedisOptions
    /// The prefix of every key; empty by default.
    package var prefix = ""
    /// How many connections the broker may have; default 64. Three are its own, each consumer needs one more.
    package var maximumConnections = 64
    /// Whether a server that evicts keys is refused; by default there is a warning.
    package var requiresNoEviction = false
    /// Whether a login that is refused at the start is tried for ever; by default the program ends after three tries.
    package var waitsForLogin = false

    /// Makes options with their defaults.
    package init(connection: RedisOptions) {
        self.connection = connection
    }
}

/// The keys of a broker on Redis, for the reader and the documentation.
package enum RedisBrokerKeys {
    static let timeouts = Duration.milliseconds(10)...(.seconds(3600))
    static let databases = 0...15
    static let connections = 4...10_000

    /// The rows in the order of the documentation.
    package static let all: [ConfigurationKey] = reach + own

    /// How to reach a server.
    static let reach: [ConfigurationKey] = [
        row(
            "url", .text, "required",
            "Where the data is: `redis://host:port/database`, `unix:///path/of/socket`, `redis+sentinel://host,host/name`,"
                + " `redis+cluster://host,host`; with TLS `rediss` in place of `redis`."),
        row("username", .text, "none", "The user, when the URL names none."),
        row("password", .secret, "none", "The password, when the URL has none."),
        row("database", .integer(databases), "0", "The number of the database, when the URL has none."),
        row(
            "wait-for-login", .flag, "false",
            "Whether a program whose login is refused at its start goes on trying; without, it ends after three tries."),
        row(
            "client-name", .text, "streambroker",
            "What CLIENT LIST calls our connections, in front of the broker and the group: `streambroker:events:billing`."
        ),
        row("prefix", .text, "none", "What every key begins with, in front of the stream's name."),
        row("tls.ca", .text, "the system's", "A PEM file of authorities in place of the system's."),
        row("tls.certificate", .text, "none", "A PEM file with our certificate, for a server that asks for one."),
        row("tls.key", .text, "none", "The PEM file of its key."),
        row("tls.server-name", .text, "the URL's host", "The name that the server's certificate must hold."),
        row(
            "tls.verify", .choice(RedisOptionsReader.Verification.allCases.map(\.rawValue)), "full",
            "`none`: anybody can pose as the server; a warning at each start."),
        row(
            "address-map", .map, "none",
            "Where we reach the servers that Sentinels or nodes of a cluster tell: "
                + "`{ \"10.0.0.5:6379\": \"redis-1.example:7001\" }`."),
        row("sentinel.username", .text, "none", "The user for the Sentinels, which never get that of the data."),
        row("sentinel.password", .secret, "none", "The password for the Sentinels."),
        row(
            "sentinel.tls.enabled", .flag, "the URL's", "Whether the Sentinels speak TLS; by default as the data does."),
        row("sentinel.tls.ca", .text, "the data's", "A PEM file of the authorities of the Sentinels."),
        row("sentinel.tls.certificate", .text, "none", "A PEM file with our certificate for the Sentinels."),
        row("sentinel.tls.key", .text, "none", "The PEM file of its key."),
        row("sentinel.tls.server-name", .text, "a Sentinel's host", "The name that their certificates must hold."),
        row(
            "sentinel.tls.verify", .choice(RedisOptionsReader.Verification.allCases.map(\.rawValue)), "the data's",
            "`none`: anybody can say where the primary is; a warning at each start."),
        row("connect-timeout", .duration(timeouts), "30s", "How long a publish waits for a server that is away."),
        row(
            "command-timeout", .duration(timeouts), "5s",
            "How long the server may be silent while a reply is due; a long reply may take longer."),
    ]

    /// The keys that only a broker on Redis Streams has.
    private static let own: [ConfigurationKey] = [
        row(
            "max-connections", .integer(connections), "64",
            "How many connections the broker may have: three of its own, a fourth with `durability`, one for each consumer."
        ),
        row(
            "require.noeviction", .flag, "false",
            "Whether a server that may evict keys is refused; without, a warning."),
    ]

    private static func row(
        _ name: String, _ kind: ConfigurationKind, _ standard: String, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(name, [.broker], kind, standard, summary)
    }
}

/// Checks that a script writes to keys of one slot.
struct RedisKeyCheck {
    let keys: RedisKeys

    /// Reports what is wrong with the names of a broker's dead letters.
    func run(_ context: ProviderContext, into options: inout ConfigurationReader) {
        for route in context.deadLetters {
            guard let problem = problem(with: route) else { continue }
            options.report(problem, at: route.position)
        }
    }

    /// Writing a dead letter and removing its message is one step, which a cluster allows in one slot only.
    private func problem(with route: DeadLetterRoute) -> String? {
        let destination = route.destination
        let reason = "dead letters of \(route.origin.text.quoted) cannot go to \(destination.text.quoted): "
        switch route.origin {
        case .stream(let origin):
            let tag = RedisSlot.tag(of: keys.key(of: origin))
            if RedisSlot.tag(of: keys.key(of: destination)) == tag { return nil }
            let suggestion = "{\(RedisSlot.tag(of: origin.text))}:\(Self.plainEnd(of: destination))"
            return reason + "both must lie in one cluster slot; write \(suggestion.quoted)"
        case .pattern(let pattern):
            let tag = RedisSlot.tag(of: keys.pattern(of: pattern))
            if RedisSlot.tag(of: keys.key(of: destination)) == tag { return nil }
            return reason + "its streams lie in different cluster slots; leave it out, each has dead letters of its own"
        }
    }

    /// Returns the part of a name behind its tag.
    private static func plainEnd(of stream: StreamName) -> String {
        let rest = stream.text.split(separator: "}", maxSplits: 1).last.map(String.init) ?? stream.text
        return String(rest.drop { ":.-_{".contains($0) })
    }
}
