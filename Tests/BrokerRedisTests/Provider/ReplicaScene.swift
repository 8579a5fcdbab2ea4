// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire

/// A primary with one replica, and a provider on the primary: publishes to `orders` wait for the replica, those to
/// `notes` do not.
struct ReplicaScene {
    let primary: RedisServer
    let replica: RedisServer
    let provider: RedisStreamsProvider

    static func with(
        timeout: Duration = .seconds(5), _ body: (ReplicaScene) async throws -> Void
    ) async throws {
        try await RedisServer.with(arguments: { port, _ in
            ["--port", "\(port)", "--repl-diskless-sync-delay", "0"]
        }) { primary in
            try await RedisServer.with(arguments: { port, _ in
                ["--port", "\(port)", "--replicaof", "127.0.0.1 \(primary.port)"]
            }) { replica in
                try await eventually("a replica that follows") {
                    try await primary.command("INFO", "replication").string?.contains("state=online") == true
                }
                let provider = try provider(on: primary, timeout: timeout)
                let scene = ReplicaScene(primary: primary, replica: replica, provider: provider)
                do {
                    try await body(scene)
                } catch {
                    await provider.close()
                    throw error
                }
                await provider.close()
            }
        }
    }

    /// Makes a provider on a server.
    static func provider(on server: RedisServer, timeout: Duration) throws -> RedisStreamsProvider {
        let policy = DurabilityPolicy(replicas: 1, timeout: timeout)
        var options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.url)))
        options.connection.commandTimeout = .seconds(2)
        return try RedisStreamsProvider(
            options, streams: [StreamConfiguration("orders", durability: policy), StreamConfiguration("notes")],
            clock: TimeControl.real().clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Publishes texts, each to its stream, as one batch.
    func publish(
        _ entries: (stream: StreamName, text: String)..., id: DeduplicationID? = nil, limit: Duration? = nil
    ) async -> [Result<PublishReceipt, BrokerError>] {
        let entries = entries.map { entry in
            PublishBatch.Entry(
                stream: entry.stream, message: Message(entry.text),
                deduplication: id.map { PublishBatch.Deduplication($0) })
        }
        return await provider.publish(PublishBatch(entries, limit: limit))
    }

    /// The entries of a stream at a server.
    func stored(in stream: String, at server: RedisServer) async throws -> [String] {
        try await server.command("XRANGE", stream, "-", "+").elements.compactMap { $0.elements[1]?.elements[1]?.string }
    }
}

/// Returns how long something took, and its result.
func timed<Value>(_ body: () async throws -> Value) async rethrows -> (value: Value, time: Duration) {
    let begin = ContinuousClock.now
    let value = try await body()
    return (value, ContinuousClock.now - begin)
}
