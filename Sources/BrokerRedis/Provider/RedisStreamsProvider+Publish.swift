// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

/// Station "append": messages become entries.
extension RedisStreamsProvider {
    /// Stores messages by one XADD each, all in one write; each fails alone.
    ///
    /// Waits for a server that is away as long as the connect timeout says, then nothing was stored.
    public func publish(_ batch: PublishBatch) async -> [Result<MessageID, BrokerError>] {
        guard !batch.entries.isEmpty else { return [] }
        do throws(BrokerError) {
            return try await store(batch.entries)
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    private func store(_ entries: [PublishBatch.Entry]) async throws(BrokerError) -> [Result<MessageID, BrokerError>] {
        let connection = try await connection(of: publishing, to: "publish")
        let (commands, newcomers) = commands(for: entries)
        let replies: RedisReplies
        do throws(RedisError) {
            replies = try await connection.send(commands)
        } catch {
            forget(newcomers)
            throw BrokerError(error, "publish")
        }
        var results: [Result<MessageID, BrokerError>] = []
        results.reserveCapacity(entries.count)
        var answers = replies.makeIterator()
        for entry in entries {
            guard let reply = answers.next() else { break }
            results.append(result(of: reply, for: entry.stream))
            if let error = reply.error { await react(to: error, on: connection) }
        }
        // The set of streams is what patterns find streams by: who is not in it is written again next time.
        if answers.next()?.error != nil { forget(newcomers) }
        return results
    }

    /// One XADD for each entry, and behind them the streams that were not published to before.
    private func commands(for entries: [PublishBatch.Entry]) -> (RedisCommands, newcomers: [StreamName]) {
        var commands = RedisCommands(capacity: entries.reduce(0) { $0 + $1.message.payload.count + 96 })
        var newcomers: [StreamName] = []
        var last: (stream: StreamName, route: PublishRoute)?
        for entry in entries {
            if last?.stream != entry.stream {
                let (route, isNew) = route(to: entry.stream)
                // A stream of the framework's own is put there by its consumer, so that none stays when it is gone.
                if isNew, !entry.stream.isReserved { newcomers.append(entry.stream) }
                last = (entry.stream, route)
            }
            guard let route = last?.route else { continue }
            EntryEncoder.append(
                entry.message, to: route.key, keepingNewest: route.bound, mustExist: entry.stream.isReserved,
                in: &commands)
        }
        if !newcomers.isEmpty {
            commands.begin(2 + newcomers.count, "SADD")
            commands.add(keys.streams)
            for stream in newcomers { commands.add(keys.key(of: stream)) }
        }
        return (commands, newcomers)
    }

    /// The route to a stream, and whether it was unknown until now.
    private func route(to stream: StreamName) -> (PublishRoute, isNew: Bool) {
        state.withLock { state in
            if let known = state.routes[stream] { return (known, false) }
            // Streams named after what they are about may be without number; the set on the server takes them again.
            if state.routes.count >= Self.maximumRoutes { state.routes = [:] }
            let route = PublishRoute(to: stream, declared: streams, keys: keys)
            state.routes[stream] = route
            return (route, true)
        }
    }

    private func forget(_ newcomers: [StreamName]) {
        if newcomers.isEmpty { return }
        state.withLock { state in
            for stream in newcomers { state.routes[stream] = nil }
        }
    }

    private func result(of reply: RedisReply, for stream: StreamName) -> Result<MessageID, BrokerError> {
        if let error = reply.error { return .failure(BrokerError(error, "publish to '\(stream)'")) }
        if let id = EntryDecoder.id(reply) { return .success(id) }
        if stream.isReserved, reply.kind == .null {
            return .failure(BrokerError(.undeclaredStream, "there is no stream '\(stream)' any more"))
        }
        let error = RedisError(.malformedReply, "XADD was not answered with an id", outcome: .unknown)
        return .failure(BrokerError(error, "publish to '\(stream)'"))
    }

    private static let maximumRoutes = 10_000
}
