// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerMemory
package import Logging
package import RedisWire
import Synchronization

/// A broker on Redis Pub/Sub: every process with a subscription gets every message that is published meanwhile.
///
/// One connection receives all messages. They go into a bounded buffer of the process, where groups, retries, ordering,
/// batches and dead letters work as they do in memory. Messages that are published while the process is disconnected
/// are lost to it, and counted as a gap.
public final class RedisPubSubProvider: BrokerProvider, PublishEnding {
    /// What a provider on Redis Pub/Sub promises; sharded channels have no patterns.
    public static let promises: BrokerCapabilities = [.ordered, .patterns]

    package let options: RedisPubSubOptions
    let names: RedisChannels
    /// The declared streams, for their bounds.
    let streams: [StreamConfiguration]
    let clock: any BrokerClock
    let logger: Logger
    /// The messages that have come and are not settled.
    let buffer: MemoryProvider
    let intake: LiveIntake
    /// The connections that receive messages.
    let listening: any PushListening
    /// The connections for publishing.
    let publishing: RedisRouter
    /// The connections for other commands.
    let commands: RedisRouter
    let bodyLimit = BodyLimit()
    let lifetime: ProviderLifetime
    /// The findings about the server that were logged.
    let findings = Mutex<Set<ServerFinding>>([])
    let ids = Mutex(LocalIDs())
    private let hasClosed = Atomic(false)

    /// Makes a provider; reads the files of certificates, does not connect.
    ///
    /// - Throws: ``RedisError/Code/configuration`` for an option or a file that cannot be used.
    package convenience init(
        _ options: RedisPubSubOptions, streams: [StreamConfiguration] = [], clock: any BrokerClock, logger: Logger
    ) throws(RedisError) {
        try self.init(options, streams: streams, clock: clock, logger: logger, lifetime: ProviderLifetime())
    }

    /// Makes a provider whose lifetime others may end, too.
    init(
        _ options: RedisPubSubOptions, streams: [StreamConfiguration], clock: any BrokerClock, logger: Logger,
        lifetime: ProviderLifetime
    ) throws(RedisError) {
        self.options = options
        self.lifetime = lifetime
        self.streams = streams
        self.clock = clock
        self.logger = logger
        names = RedisChannels(prefix: options.prefix, kind: options.channels)
        buffer = MemoryProvider(bounds: options.buffer, clock: clock)
        intake = LiveIntake(buffer, overflow: options.buffer.overflow, names: names)
        var live = options.connection
        // A message that is larger than the buffer is not read to its end.
        live.limits.textBytes = max(options.buffer.bytes, 64 << 10)
        listening = try Listening.make(
            live, isSharded: options.channels == .sharded, logger: logger, receiver: intake)
        publishing = try RedisRouter(options.connection, logger: logger)
        commands = try RedisRouter(options.connection, logger: logger)
    }

    /// ``promises``, without patterns where channels are sharded.
    public var capabilities: BrokerCapabilities {
        names.kind == .sharded ? Self.promises.subtracting(.patterns) : Self.promises
    }

    var isClosed: Bool { hasClosed.load(ordering: .acquiring) }

    /// Returns when the provider is closed or its task is cancelled.
    ///
    /// - Throws: why the server cannot be used, once that is known.
    public func run() async throws {
        try await lifetime.run()
    }

    /// Ends the provider: calls that wait return, later calls fail. The messages in the buffer are lost.
    public func close() async {
        hasClosed.store(true, ordering: .releasing)
        lifetime.end()
        await buffer.close()
        await listening.close()
        await publishing.close()
        await commands.close()
    }

    /// Ends publishing; consumers go on.
    public func endPublishing() async {
        await publishing.close()
    }

    /// Removes groups that have had no consumer for a minute or two, with the messages that they had not settled.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        if isClosed { throw .providerClosed }
        try buffer.dropAbandonedGroups()
        resumeListening()
        return MaintenanceReport()
    }

    /// Subscribes again when the buffer that was full is half empty.
    func resumeListening() {
        guard options.buffer.overflow == .disconnect, listening.report.isPaused, buffer.isHalfFree else { return }
        listening.resume()
    }
}
