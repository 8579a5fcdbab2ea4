// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// How large a body the server takes: its `proto-max-bulk-len`.
///
/// A server that is sent more closes the connection, and its reply may be lost with it: who sent the body could not
/// tell that from a failure that passes. So bodies are compared before they are sent. The server is asked each time,
/// since the setting may change, but only about bodies that some server would not take.
final class BodyLimit: Sendable {
    /// Every server takes as much; none can be told to take less.
    static let least = 1 << 20
    /// What a server takes unless it is told otherwise; assumed where the user may not ask.
    static let usual = 512 << 20

    private let known = Atomic(BodyLimit.usual)
    private let isSecret = Atomic(false)

    /// What the server said last.
    var last: Int { known.load(ordering: .relaxed) }

    /// What the server says now; fails with nothing applied. One that refuses to say is not asked again, so that it
    /// complains once.
    func current(on connection: RedisConnection, timeout: Duration? = nil) async throws(BrokerError) -> Int {
        if isSecret.load(ordering: .relaxed) { return Self.usual }
        let reply: RedisReply?
        do throws(RedisError) {
            let question = RedisCommands("CONFIG", "GET", "proto-max-bulk-len", for: .anyNode)
            let pending =
                switch timeout {
                case let timeout?: try connection.submit(question, timeout: timeout)
                case nil: try connection.submit(question)
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

    /// Stores what the server takes. What it does not take fails, each message alone, and is not sent.
    ///
    /// - Parameters:
    ///   - overhead: How much a message may be larger on the wire than its body.
    ///   - size: How many bytes a message is on the wire.
    ///   - connect: Gives the connection to ask by, if the server has to be asked.
    func store(
        _ entries: [PublishBatch.Entry], overhead: Int = 0, size: (Message) -> Int,
        asking connect: () async throws(BrokerError) -> RedisConnection,
        by store: ([PublishBatch.Entry]) async throws(BrokerError) -> [Result<PublishReceipt, BrokerError>]
    ) async throws(BrokerError) -> [Result<PublishReceipt, BrokerError>] {
        let harmless = Self.least - overhead
        guard entries.contains(where: { $0.message.payload.count > harmless }) else { return try await store(entries) }
        let sizes = entries.map { size($0.message) }
        let limit = sizes.contains { $0 > Self.least } ? try await current(on: try await connect()) : Self.least
        let fitting = zip(entries, sizes).filter { $1 <= limit }.map(\.0)
        var results = (fitting.isEmpty ? [] : try await store(fitting)).makeIterator()
        return zip(entries, sizes).compactMap { entry, size in
            size <= limit ? results.next() : .failure(.bodyTooLarge(size, for: entry.stream, limit: limit))
        }
    }

    /// What is to be said of streams whose bodies may be larger than what the server takes.
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
