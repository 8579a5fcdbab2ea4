// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The streams of a pattern: those that our publishers put into the set, and those that others made.
extension RedisSubscription {
    /// How often the set is read.
    static let discoveryInterval = Duration.seconds(1)

    private static let pageSize = 1000
    private static let pagesAtOnce = 16

    /// Takes the first seats.
    func begin(_ start: StartPosition) async throws(BrokerError) {
        let begin = Self.begin(of: start)
        switch selection {
        case .stream(let stream):
            try await join([stream], from: begin)
        case .pattern:
            try await joinNewcomers(try await listed() + scanned(pages: .max), from: begin)
        }
    }

    /// Takes seats in streams that have appeared, from their first entry on: nothing of them may be missed.
    func discover() async throws(BrokerError) {
        guard case .pattern = selection else { return }
        let now = clock.now
        let (isDue, isScanDue) = state.withLock { state in
            guard now >= state.nextDiscovery else { return (false, false) }
            state.nextDiscovery = now + Self.discoveryInterval
            let isScanDue = state.scanCursor != "0" || now >= state.nextScan
            if isScanDue { state.nextScan = now + member.lookInterval }
            return (true, isScanDue)
        }
        guard isDue else { return }
        let found = try await listed() + (isScanDue ? scanned(pages: Self.pagesAtOnce) : [])
        try await joinNewcomers(found, from: "0")
    }

    /// Those of the streams that exist; the others lose their seats and leave the set.
    func withoutVanished(_ streams: [StreamName]) async throws(BrokerError) -> [StreamName] {
        guard case .pattern = selection, !streams.isEmpty else { return streams }
        var commands = RedisCommands()
        for stream in streams {
            commands.begin(2, "EXISTS")
            commands.add(provider.keys.key(of: stream))
        }
        let replies = try await ask(commands)
        let vanished = zip(streams, replies).filter { $1.integer == 0 }.map(\.0)
        if vanished.isEmpty { return streams }
        state.withLock { state in
            state.seats.removeAll { vanished.contains($0.stream) }
        }
        var removal = RedisCommands()
        removal.begin(2 + vanished.count, "SREM")
        removal.add(provider.keys.streams)
        for stream in vanished { removal.add(provider.keys.key(of: stream)) }
        _ = try await ask(removal)
        return streams.filter { !vanished.contains($0) }
    }

    private func joinNewcomers(_ keys: [String], from begin: String) async throws(BrokerError) {
        let known = state.withLock { Set($0.seats.map(\.stream)) }
        let streams = Set(keys.compactMap { provider.keys.stream(at: $0) }).filter { stream in
            !known.contains(stream) && selection.matches(stream)
        }
        let existing = try await withoutVanished(streams.sorted())
        try await join(existing, from: begin)
    }

    /// The keys in the set.
    private func listed() async throws(BrokerError) -> [String] {
        let replies = try await ask(RedisCommands("SMEMBERS", provider.keys.streams))
        if let error = replies[0]?.error { throw BrokerError(error, action) }
        return replies[0]?.elements.compactMap(\.string) ?? []
    }

    /// The keys of streams that match, of the next part of all keys. A server that forbids to look has only the set.
    private func scanned(pages: Int) async throws(BrokerError) -> [String] {
        guard case .pattern(let pattern) = selection else { return [] }
        var found: [String] = []
        for _ in 0..<pages {
            let cursor = state.withLock { $0.scanCursor }
            let command = RedisCommands(
                "SCAN", cursor, "MATCH", provider.keys.pattern(of: pattern), "COUNT", "\(Self.pageSize)", "TYPE",
                "stream")
            let page = try await ask(command)[0]
            let next = page?.elements[0]?.string ?? "0"
            found += page?.elements[1]?.elements.compactMap(\.string) ?? []
            state.withLock { $0.scanCursor = next }
            if next == "0" { break }
        }
        return found
    }

    func ask(_ commands: RedisCommands) async throws(BrokerError) -> RedisReplies {
        let connection = try await provider.commandConnection(to: action)
        do throws(RedisError) {
            return try await connection.send(commands)
        } catch {
            throw BrokerError(error, action)
        }
    }
}
