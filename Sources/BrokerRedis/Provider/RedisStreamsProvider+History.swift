// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

extension RedisStreamsProvider: HistoryReading {
    /// Returns the newest entries, newest first; none for a stream that does not exist.
    public func latest(_ count: Int, of stream: StreamName) async throws(BrokerError) -> [StoredMessage] {
        try await pages(of: stream, "XREVRANGE", from: "+", to: "-", limit: count)
    }

    /// Returns the entries from one id to another, both included, oldest first, at most `limit`.
    public func range(
        _ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int
    ) async throws(BrokerError) -> [StoredMessage] {
        try await pages(of: stream, "XRANGE", from: "\(ids.lowerBound)", to: "\(ids.upperBound)", limit: limit)
    }
}

/// Following a stream.
extension RedisStreamsProvider {
    /// Returns the entries behind an id, oldest first; waits at most `wait` for the first one.
    ///
    /// Waiting needs a connection of its own, which counts towards `max-connections`.
    ///
    /// - Parameters:
    ///   - stream: The stream.
    ///   - id: The id behind which the entries begin.
    ///   - limit: How many entries to return at most.
    ///   - wait: How long to wait for the first entry.
    /// - Returns: the entries, oldest first; none if the time is over or the task is cancelled.
    public func tail(
        _ stream: StreamName, after id: MessageID, limit: Int, wait: Duration
    ) async throws(BrokerError) -> [StoredMessage] {
        guard limit > 0, let first = id.next, !Task.isCancelled else { return [] }
        let deadline = clock.now + wait
        let present = try await range(first...MessageID.maximum, of: stream, limit: limit)
        if !present.isEmpty || wait <= .zero { return present }
        let number = try takeTail()
        do throws(BrokerError) {
            let entries = try await follow(stream, after: id, limit, until: deadline, by: number)
            if Task.isCancelled { await closeReader(number) } else { leaveTail(number) }
            return entries
        } catch {
            await closeReader(number)
            if Task.isCancelled { return [] }
            throw error
        }
    }

    /// Reads until something comes, the deadline has passed or the task is cancelled, which closes the connection.
    private func follow(
        _ stream: StreamName, after id: MessageID, _ limit: Int, until deadline: Instant, by number: Int
    ) async throws(BrokerError) -> [StoredMessage] {
        guard let router = state.withLock({ $0.readers[number] }) else { throw .providerClosed }
        let end = WakeSignal()
        async let guardian: Void = close(router, whenCancelledBefore: end)
        let result = await blockedReads(stream, after: id, limit, until: deadline, by: router)
        end.raise()
        await guardian
        return try result.get()
    }

    private func close(_ router: RedisRouter, whenCancelledBefore end: WakeSignal) async {
        await end.waitUnlessCancelled()
        if Task.isCancelled { await router.close() }
    }

    /// Each read blocks for a few seconds only, so that a dead server is noticed. A read whose connection is lost is
    /// sent once more, since it changes nothing on the server.
    private func blockedReads(
        _ stream: StreamName, after id: MessageID, _ limit: Int, until deadline: Instant, by router: RedisRouter
    ) async -> Result<[StoredMessage], BrokerError> {
        let (action, key) = ("follow '\(stream)'", keys.key(of: stream))
        var mayRepeat = true
        do throws(BrokerError) {
            while true {
                let left = deadline - clock.now
                if left <= .zero || Task.isCancelled { return .success([]) }
                let connection = try await connection(of: router, for: RedisRoutes(.key(key)), to: action)
                // Few entries come while it waits; the next call reads the rest.
                let count = min(limit, PageSize.first)
                switch await read(key, after: id, count, min(left, .seconds(5)), on: connection) {
                case .success(let entries):
                    if !entries.isEmpty { return .success(entries) }
                    mayRepeat = true
                case .failure(let error):
                    guard mayRepeat, error.code == .connection else { throw BrokerError(error, action) }
                    mayRepeat = false
                }
            }
        } catch {
            return .failure(error)
        }
    }

    private func read(
        _ key: String, after id: MessageID, _ limit: Int, _ block: Duration, on connection: RedisConnection
    ) async -> Result<[StoredMessage], RedisError> {
        let milliseconds = "\(max(1, block.millisecondsRoundedUp))"
        let commands = RedisCommands(
            "XREAD", "COUNT", "\(limit)", "BLOCK", milliseconds, "STREAMS", key, "\(id)", for: .key(key))
        do throws(RedisError) {
            let reply = try await connection.submit(commands, blocking: block).reply()
            return .success(reply.elements[0]?.elements[1]?.elements.compactMap(EntryDecoder.entry) ?? [])
        } catch {
            return .failure(error)
        }
    }
}

/// The past of a stream, page by page.
///
/// Each page is bounded in bytes. It comes over a connection of its own, since a large reply delays all replies behind
/// it, and leases must not wait.
extension RedisStreamsProvider {
    /// Returns the entries from one id towards another in the order of the command, at most `limit`.
    func pages(
        of stream: StreamName, _ command: StaticString, from first: String, to last: String, limit: Int
    ) async throws(BrokerError) -> [StoredMessage] {
        guard limit > 0 else { return [] }
        let number = try? takeTail()
        defer { if let number { leaveTail(number) } }
        // Without a free connection, the past is read over the connection for publishing.
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

    /// Reads one page; returns `nil` if it did not come and is to be read again.
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
            // A reply that is too large for us or for the server ends the connection.
            guard [.malformedReply, .connection].contains(error.code), size.lost(count) else {
                throw BrokerError(error, action)
            }
            return nil
        }
        if let error = reply.error { throw BrokerError(error, action) }
        let entries = reply.elements.compactMap(EntryDecoder.entry)
        size.took(entries.count, bytes: entries.byteCount)
        return (entries, reply.elements.count == count)
    }

    /// Returns the size of pages; it is known for the stream that was read last.
    private func pageSize(for stream: StreamName) -> PageSize {
        if let last = state.withLock({ $0.lastPage }), last.stream == stream { return last.size }
        return PageSize(bound: options.connection.limits.batchBytes / 4)
    }

    /// Takes a connection that has read the past and is free, or makes one.
    func takeTail() throws(BrokerError) -> Int {
        if let number = state.withLock({ $0.idleTails.popLast() }) { return number }
        return try openReader().number
    }

    func leaveTail(_ number: Int) {
        state.withLock { if !$0.isClosed { $0.idleTails.append(number) } }
    }
}
