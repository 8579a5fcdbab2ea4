// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

extension RedisStreamsProvider: HistoryReading {
    /// The newest entries, newest first; none for a stream that does not exist.
    public func latest(_ count: Int, of stream: StreamName) async throws(BrokerError) -> [StoredMessage] {
        try await pages(of: stream, "XREVRANGE", from: "+", to: "-", limit: count)
    }

    /// The entries from one id to another, both included, oldest first, at most `limit`.
    public func range(
        _ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int
    ) async throws(BrokerError) -> [StoredMessage] {
        try await pages(of: stream, "XRANGE", from: "\(ids.lowerBound)", to: "\(ids.upperBound)", limit: limit)
    }
}

/// Following a stream.
extension RedisStreamsProvider {
    /// The entries behind an id, oldest first; waits for the first one as long as asked.
    ///
    /// Waiting takes a connection of its own, which counts among those that the broker may have.
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

    /// Reads until something comes, the time has come or the task is cancelled, which closes the connection.
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

    /// Each read blocks a few seconds only, so that a server that died is noticed.
    private func blockedReads(
        _ stream: StreamName, after id: MessageID, _ limit: Int, until deadline: Instant, by router: RedisRouter
    ) async -> Result<[StoredMessage], BrokerError> {
        let (action, key) = ("follow '\(stream)'", keys.key(of: stream))
        do throws(BrokerError) {
            while true {
                let left = deadline - clock.now
                if left <= .zero || Task.isCancelled { return .success([]) }
                let block = min(left, .seconds(5))
                let connection = try await connection(of: router, for: RedisRoutes(.key(key)), to: action)
                // What comes while it waits is little, or is read on by the next call.
                let count = min(limit, PageSize.first)
                let reply = try await read(key, after: id, count, block, on: connection, to: action)
                let entries = reply.elements[0]?.elements[1]?.elements.compactMap(EntryDecoder.entry) ?? []
                if !entries.isEmpty { return .success(entries) }
            }
        } catch {
            return .failure(error)
        }
    }

    private func read(
        _ key: String, after id: MessageID, _ limit: Int, _ block: Duration, on connection: RedisConnection,
        to action: String
    ) async throws(BrokerError) -> RedisReply {
        let milliseconds = "\(max(1, block.millisecondsRoundedUp))"
        let commands = RedisCommands(
            "XREAD", "COUNT", "\(limit)", "BLOCK", milliseconds, "STREAMS", key, "\(id)", for: .key(key))
        do throws(RedisError) {
            return try await connection.submit(commands, blocking: block).reply()
        } catch {
            throw BrokerError(error, action)
        }
    }
}

extension RedisStreamsProvider: Purging {
    /// Removes every entry of a stream, in steps that do not hold up the server; keeps its groups.
    public func purge(_ stream: StreamName) async throws(BrokerError) -> Int {
        let key = keys.key(of: stream)
        var removed = 0
        while true {
            let step = try await trim(
                stream, RedisCommands("XTRIM", key, "MAXLEN", "~", "0", "LIMIT", "10000", for: .key(key)))
            removed += step
            // A step takes whole blocks of entries; what is left of less than one is taken at once.
            if step < 5_000 { break }
        }
        return removed + (try await trim(stream, RedisCommands("XTRIM", key, "MAXLEN", "0", for: .key(key))))
    }

    private func trim(_ stream: StreamName, _ commands: RedisCommands) async throws(BrokerError) -> Int {
        let action = "purge '\(stream)'"
        let reply = try await ask(commands, to: action)[0]
        if let error = reply?.error { throw BrokerError(error, action) }
        return min(max(0, reply?.integer ?? 0), Int(Int32.max))
    }
}
