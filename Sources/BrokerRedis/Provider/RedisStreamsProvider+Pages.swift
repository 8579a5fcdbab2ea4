// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The past of a stream, page by page.
///
/// Each page is bounded in bytes, and it comes by a connection that no lease waits behind: a reply holds up whatever is
/// asked behind it until its last byte.
extension RedisStreamsProvider {
    /// The entries from one id towards another in the order of the command, at most `limit`.
    func pages(
        of stream: StreamName, _ command: StaticString, from first: String, to last: String, limit: Int
    ) async throws(BrokerError) -> [StoredMessage] {
        guard limit > 0 else { return [] }
        let number = try? takeTail()
        defer { if let number { leaveTail(number) } }
        // While consumers have all other connections, the past is read beside what is published.
        let router = number.flatMap { number in state.withLock { $0.readers[number] } } ?? publishing
        var size = pageSize(for: stream)
        var entries: [StoredMessage] = []
        var start = first
        while entries.count < limit {
            let count = min(limit - entries.count, size.count)
            guard let page = try await page(stream, (command, start, last), count, by: router, &size) else { continue }
            entries += page.entries
            guard page.isFull, let end = page.entries.last else { break }
            start = "(\(end.id)"
        }
        state.withLock { $0.lastPage = (stream, size) }
        return entries
    }

    /// One page; `nil` when it was too large and is to be asked for again, smaller.
    private func page(
        _ stream: StreamName, _ range: (command: StaticString, start: String, end: String), _ count: Int,
        by router: RedisRouter, _ size: inout PageSize
    ) async throws(BrokerError) -> (entries: [StoredMessage], isFull: Bool)? {
        let (action, key) = ("read the past of '\(stream)'", keys.key(of: stream))
        let connection = try await connection(of: router, for: RedisRoutes(.key(key)), to: action)
        let reply: RedisReply
        do throws(RedisError) {
            reply = try await connection.submit(
                RedisCommands(range.command, key, range.start, range.end, "COUNT", "\(count)", for: .key(key))
            ).reply()
        } catch {
            // Too much for us, or for the server, ends the connection.
            guard count > 1, [.malformedReply, .connection].contains(error.code) else {
                throw BrokerError(error, action)
            }
            size.shrink(count)
            return nil
        }
        if let error = reply.error { throw BrokerError(error, action) }
        let entries = reply.elements.compactMap(EntryDecoder.entry)
        size.took(entries.count, bytes: entries.byteCount)
        return (entries, reply.elements.count == count)
    }

    /// What is known of the entries of the stream that was read last; of others nothing is.
    private func pageSize(for stream: StreamName) -> PageSize {
        if let last = state.withLock({ $0.lastPage }), last.stream == stream { return last.size }
        return PageSize(bound: options.connection.limits.batchBytes / 4)
    }

    /// A connection that read the past before and is free, or a new one.
    func takeTail() throws(BrokerError) -> Int {
        if let number = state.withLock({ $0.idleTails.popLast() }) { return number }
        return try openReader().number
    }

    func leaveTail(_ number: Int) {
        state.withLock { if !$0.isClosed { $0.idleTails.append(number) } }
    }
}
