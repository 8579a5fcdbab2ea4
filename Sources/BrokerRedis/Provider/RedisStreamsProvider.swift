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
/// Publishing has a connection of its own, commands about leases another one, each subscription one for reads that
/// block, and whoever reads the past one, so that none waits for the other. All connections are made when they are
/// needed and made again when they broke.
public final class RedisStreamsProvider: BrokerProvider, PublishEnding {
    /// What every provider on Redis Streams promises.
    public static let promises: BrokerCapabilities = [
        .sharedGroups, .redelivery, .crossProcess, .durable, .durableRetry, .replay, .atomicDeadLetter,
        .atomicForward, .ordered, .patterns, .retention,
    ]

    /// How many connections a provider has besides those of its consumers: for what is published, for commands, and for
    /// the answers to requests.
    static let ownConnections = 3

    package let options: RedisStreamsOptions
    let keys: RedisKeys
    /// The declared streams, for their bounds.
    let streams: [StreamConfiguration]
    let clock: any BrokerClock
    let logger: Logger
    /// The way to the server for what is published.
    let publishing: RedisRouter
    /// The way to the server for everything that answers at once.
    let commands: RedisRouter
    let bodyLimit = BodyLimit()
    let state = Mutex(RedisStreamsState())

    /// Makes a provider; reads the files of certificates, connects to nothing.
    package init(
        _ options: RedisStreamsOptions, streams: [StreamConfiguration] = [], clock: any BrokerClock, logger: Logger
    ) throws(RedisError) {
        self.options = options
        self.streams = streams
        self.clock = clock
        self.logger = logger
        keys = RedisKeys(prefix: options.prefix)
        publishing = try RedisRouter(options.connection, logger: logger)
        commands = try RedisRouter(options.connection, logger: logger)
    }

    /// ``promises``.
    public var capabilities: BrokerCapabilities { Self.promises }

    /// Returns when the provider is closed or its task is cancelled; throws when the server turns out to be unusable.
    public func run() async throws {
        let signal = WakeSignal()
        let number = state.withLock { state in
            let number = state.makeNumber()
            state.runners[number] = signal
            return number
        }
        defer { state.withLock { $0.runners[number] = nil } }
        while true {
            let (isClosed, refusal) = state.withLock { ($0.isClosed, $0.refusal) }
            if let refusal { throw refusal }
            if isClosed || Task.isCancelled { return }
            await signal.waitUnlessCancelled()
        }
    }

    /// Ends the provider: calls that wait return, later ones fail. What its consumers hold stays leased.
    public func close() async {
        let (runners, readers) = state.withLock { state in
            state.isClosed = true
            defer { state.readers = [:] }
            return (Array(state.runners.values), Array(state.readers.values))
        }
        for runner in runners { runner.raise() }
        for reader in readers { await reader.close() }
        await publishing.close()
        await commands.close()
    }

    /// Ends publishing; consumers go on.
    public func endPublishing() async {
        await publishing.close()
    }

    /// Lets `run()` end with this error: the server answers, and cannot be used as it is.
    func refuse(_ error: BrokerError) {
        let runners = state.withLock { state in
            state.refusal = error
            return Array(state.runners.values)
        }
        for runner in runners { runner.raise() }
    }
}

/// What a provider on Redis guards with its lock: whether it lives, who waits for its end, and its connections.
struct RedisStreamsState {
    /// Whether the provider has been closed.
    var isClosed = false
    /// Why the server cannot be used, once that is known.
    var refusal: BrokerError?
    /// Who waits in `run()`.
    var runners: [Int: WakeSignal] = [:]
    /// The routers that subscriptions read by, by number.
    var readers: [Int: RedisRouter] = [:]
    /// What is known of the streams that were published to.
    var routes = PublishRoutes()

    /// What was found about the server and said.
    var findings: Set<ServerFinding> = []
    /// Whether the server has only some of the slots; `nil` while it has not said so.
    var isCluster: Bool?
    /// Connections that read the past of a stream and wait for the next one who does, by number.
    var idleTails: [Int] = []
    /// The stream whose past was read last, and how much of it at a time.
    var lastPage: (stream: StreamName, size: PageSize)?

    private var lastNumber = 0

    /// A number that was not used before.
    mutating func makeNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }
}
