// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// How large a body the server takes: its `proto-max-bulk-len`.
///
/// A server that gets a larger body closes the connection, and the reply may be lost with it. The sender could not tell
/// that from a temporary failure, so bodies are checked before they are sent. The server is asked each time, since the
/// setting may change, but only for bodies that some server would refuse.
final class BodyLimit: Sendable {
    /// The smallest limit that a server can be set to.
    static let least = 1 << 20
    /// The default of servers; assumed if the user may not ask.
    static let usual = 512 << 20

    private let known = Atomic(BodyLimit.usual)
    private let isSecret = Atomic(false)

    /// The last limit that the server has told.
    var last: Int { known.load(ordering: .relaxed) }

    /// Returns the current limit. A server that refuses to tell is not asked again, so that it logs one complaint.
    ///
    /// - Parameter route: Which node of a cluster is asked.
    /// - Throws: why there is no reply; nothing was applied.
    func current(
        on connection: RedisConnection, for route: RedisRoute = .anyNode, timeout: Duration? = nil
    ) async throws(BrokerError) -> Int {
        if isSecret.load(ordering: .relaxed) { return Self.usual }
        let reply: RedisReply?
        do throws(RedisError) {
            let query = RedisCommands("CONFIG", "GET", "proto-max-bulk-len", for: route)
            let pending =
                switch timeout {
                case let timeout?: try connection.submit(query, timeout: timeout)
                case nil: try connection.submit(query)
                }
            reply = try await pending.replies()[0]
        } catch {
            var failure = BrokerError(error, "ask the server how large a body may be")
            failure.effect = .notApplied
            throw failure
        }
        let limit = reply?.elements[1]?.string.flatMap { Int($0) }
        if limit == nil { isSecret.store(true, ordering: .relaxed) }
        known.store(limit ?? Self.usual, ordering: .relaxed)
        return limit ?? Self.usual
    }

    /// Stores the messages that the server takes. Others fail, each alone, and are not sent.
    ///
    /// - Parameters:
    ///   - entries: The messages.
    ///   - overhead: How much larger a message may be on the wire than its body.
    ///   - size: Returns the size of a message on the wire, in bytes.
    ///   - route: Returns the route to the node of a message. All of these messages are for one node.
    ///   - connect: Returns the connection for asking the server, if that is necessary.
    ///   - store: Stores messages.
    /// - Returns: one result for each message, in order.
    func store(
        _ entries: [PublishBatch.Entry], overhead: Int = 0, size: (Message) -> Int,
        route: (PublishBatch.Entry) -> RedisRoute = { _ in .anyNode },
        asking connect: () async throws(BrokerError) -> RedisConnection,
        by store: ([PublishBatch.Entry]) async throws(BrokerError) -> [Result<PublishReceipt, BrokerError>]
    ) async throws(BrokerError) -> [Result<PublishReceipt, BrokerError>] {
        let harmless = Self.least - overhead
        guard entries.contains(where: { $0.message.size > harmless }) else { return try await store(entries) }
        let sizes = entries.map { size($0.message) }
        let large = zip(entries, sizes).first { $1 > Self.least }?.0
        let limit = if let large { try await current(on: try await connect(), for: route(large)) } else { Self.least }
        let fitting = zip(entries, sizes).filter { $1 <= limit }.map(\.0)
        var results = (fitting.isEmpty ? [] : try await store(fitting)).makeIterator()
        return zip(entries, sizes).compactMap { entry, size in
            size <= limit ? results.next() : .failure(.bodyTooLarge(size, for: entry.stream, limit: limit))
        }
    }

    /// Returns findings about streams whose `max-payload` is larger than the limit of the server.
    func findings(
        of streams: [StreamConfiguration], by connect: () async throws(BrokerError) -> RedisConnection
    ) async throws(BrokerError) -> [ServerFinding] {
        let large = streams.filter { $0.maximumPayload > Self.least }
        if large.isEmpty { return [] }
        let limit = try await current(on: try await connect())
        if isSecret.load(ordering: .relaxed) { return [.bodyLimitIsUnknown] }
        return large.filter { $0.maximumPayload > limit }.map { .bodyLimit(limit, isBelow: $0) }
    }
}

extension ServerFinding {
    fileprivate static let bodyLimitIsUnknown = ServerFinding(
        severity: .unknown, message: "the server does not say its proto-max-bulk-len; 512 MiB are assumed")

    fileprivate static func bodyLimit(_ limit: Int, isBelow stream: StreamConfiguration) -> ServerFinding {
        ServerFinding(
            severity: .warning,
            message: "'max-payload' of '\(stream.selection)' is \(stream.maximumPayload) bytes, and the server takes "
                + "\(limit) (proto-max-bulk-len): raise that, or lower 'max-payload'")
    }
}

extension BrokerError {
    /// A body that its stream allows and the server does not take.
    static func bodyTooLarge(_ size: Int, for stream: StreamName, limit: Int) -> BrokerError {
        BrokerError(
            .payloadTooLarge,
            "a body for \(stream) has \(size) bytes on the wire, and the server takes \(limit) bytes "
                + "(proto-max-bulk-len); raise that, or store the body elsewhere and publish its place")
    }
}
