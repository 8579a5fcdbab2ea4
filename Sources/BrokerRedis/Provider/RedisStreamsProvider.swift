// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
package import Logging
package import RedisWire
import Synchronization

/// A broker on Redis Streams: consumer groups that are shared by processes and survive them.
///
/// Publishing has a connection of its own, publishes that wait for replicas another one, commands about leases a third. Each subscription has one for reads that
/// block, and so has each reader of the past. So none of them waits for another. Connections are made when they are
/// needed, and made again when they broke.
public final class RedisStreamsProvider: BrokerProvider, PublishEnding {
    /// What every provider on Redis Streams promises.
    public static let promises: BrokerCapabilities = [
        .sharedGroups, .redelivery, .crossProcess, .durable, .durableRetry, .replay, .atomicDeadLetter,
        .atomicForward, .ordered, .patterns, .retention, .deduplication, .durability,
    ]

    package let options: RedisStreamsOptions
    let keys: RedisKeys
    /// The declared streams, for their bounds.
    let streams: [StreamConfiguration]
    let clock: any BrokerClock
    let logger: Logger
    /// The connections for publishing.
    let publishing: RedisRouter
    /// The connections for publishes that wait for replicas; `nil` if no declared stream asks for that.
    let replicating: RedisRouter?
    /// The connections for commands that do not block.
    let commands: RedisRouter
    /// In a cluster the connections for reads that do not block, which all subscriptions share; `nil` on one server.
    let reading: RedisRouter?
    let bodyLimit = BodyLimit()
    let lifetime: ProviderLifetime
    let state = Mutex(RedisStreamsState())

    /// Makes a provider; reads the files of certificates, does not connect.
    ///
    /// - Throws: ``RedisError/Code/configuration`` for an option or a file that cannot be used.
    package convenience init(
        _ options: RedisStreamsOptions, streams: [StreamConfiguration] = [], clock: any BrokerClock, logger: Logger
    ) throws(RedisError) {
        try self.init(options, streams: streams, clock: clock, logger: logger, lifetime: ProviderLifetime())
    }

    /// Makes a provider whose lifetime others may end, too.
    init(
        _ options: RedisStreamsOptions, streams: [StreamConfiguration], clock: any BrokerClock, logger: Logger,
        lifetime: ProviderLifetime
    ) throws(RedisError) {
        self.options = options
        self.lifetime = lifetime
        self.streams = streams
        self.clock = clock
        self.logger = logger
        keys = RedisKeys(prefix: options.prefix, isOnCluster: options.connection.url.place.isCluster)
        publishing = try RedisRouter(options.connection, logger: logger)
        commands = try RedisRouter(options.connection, logger: logger)
        reading = options.connection.url.place.isCluster ? try RedisRouter(options.connection, logger: logger) : nil
        let waits = streams.contains { $0.durability != nil }
        replicating = waits ? try RedisRouter(options.connection, logger: logger) : nil
    }

    /// ``promises``.
    public var capabilities: BrokerCapabilities { Self.promises }

    /// Returns when the provider is closed or its task is cancelled.
    ///
    /// - Throws: why the server cannot be used, once that is known.
    public func run() async throws {
        try await lifetime.run()
    }

    /// Ends the provider: calls that wait return, later calls fail. Messages that its consumers hold stay leased.
    public func close() async {
        let readers = state.withLock { state in
            state.isClosed = true
            defer { state.readers = [:] }
            return Array(state.readers.values)
        }
        lifetime.end()
        for reader in readers { await reader.close() }
        await endPublishing()
        await commands.close()
        await reading?.close()
    }

    /// Ends publishing; consumers go on.
    public func endPublishing() async {
        await publishing.close()
        await replicating?.close()
    }
}

/// What a provider on Redis guards with its lock.
struct RedisStreamsState {
    /// Whether the provider has been closed.
    var isClosed = false
    /// The connections for reads of subscriptions and of the past, by number.
    var readers: [Int: RedisRouter] = [:]
    /// The number of the reader of replies to requests, which takes no connection from consumers.
    var replyReader: Int?
    /// Whether replies to requests are read now.
    var readsReplies: Bool { replyReader.map { readers[$0] != nil } ?? false }
    /// The targets of the streams that were published to.
    var targets = PublishTargets()
    /// The set of streams of an earlier version.
    var formerSet = FormerSet()

    /// The findings about the server that were logged.
    var findings: Set<ServerFinding> = []
    /// Whether the server is a node of a cluster; `nil` while that is unknown.
    var isCluster: Bool?
    /// The numbers of connections that read the past of a stream and are free again.
    var idleTails: [Int] = []
    /// The stream whose past was read last, and the size of its pages.
    var lastPage: (stream: StreamName, size: PageSize)?

    private var lastNumber = 0

    /// Returns a number that was not used before.
    mutating func makeNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }
}
