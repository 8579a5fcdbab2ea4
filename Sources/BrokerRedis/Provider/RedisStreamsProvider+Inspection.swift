// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

extension RedisStreamsProvider: AddressReporting {
    /// The server's URL, with `***` in place of user and password.
    public var address: String { "\(options.connection.url)" }
}

extension RedisStreamsProvider: HealthReporting {
    /// Returns that the broker is ready if the server replies within the command timeout.
    ///
    /// The details are `ping-time` (milliseconds), `server-version`, `used-memory` (bytes), `clients` and
    /// `subscribed-channels`; a server may hide some of them.
    public func health() async -> ProviderHealth {
        if isClosed { return ProviderHealth(isReady: false, reason: "closed") }
        do throws(RedisError) {
            var report = try await HealthProbe(commands, options.connection, clock).report()
            if let refusal = lifetime.refusal {
                report.isReady = false
                report.reason = refusal.message
            }
            return report
        } catch {
            return ProviderHealth(isReady: false, reason: error.message)
        }
    }
}

extension RedisStreamsProvider: ConsumerReporting {
    /// Returns the consumers whose idle time is shorter than `period`; of a pattern, those of its first 256 streams.
    ///
    /// Reading and extending end the idle time. Before Redis 7.2, only a read that returns messages does so, and a
    /// consumer without messages is missing.
    public func consumers(
        of group: GroupName, on selection: StreamSelection, activeWithin period: Duration
    ) async throws(BrokerError) -> Set<ConsumerName> {
        let names: ArraySlice<StreamName> =
            switch selection {
            case .stream(let name): [name]
            case .pattern(let pattern): try await streams(matching: pattern).prefix(256)
            }
        guard !names.isEmpty else { return [] }
        var commands = RedisCommands()
        for name in names {
            let key = keys.key(of: name)
            commands.begin(4, "XINFO", for: .key(key))
            commands.add("CONSUMERS")
            commands.add(key)
            commands.add(group.text)
        }
        let members = try await ask(commands, to: "look for other consumers").flatMap(\.elements).map(\.facts)
        let active = members.filter { facts in
            facts["idle"]?.integer.map { Duration.milliseconds($0) < period } ?? false
        }
        return Set(active.compactMap { $0["name"]?.string }.compactMap(Member.consumer(ofNameOnServer:)))
    }
}

extension RedisStreamsProvider: StatisticsReporting {
    /// Returns the counts of the streams that exist and match, sorted by name.
    ///
    /// The lag is `nil` if the server does not know it: before Redis 7.0, after entries were deleted, and for groups
    /// that began at an id of their own.
    public func statistics(of selection: StreamSelection) async throws(BrokerError) -> [StreamStatistics] {
        let names: [StreamName] =
            switch selection {
            case .stream(let name): [name]
            case .pattern(let pattern): try await streams(matching: pattern)
            }
        var result: [StreamStatistics] = []
        for start in stride(from: 0, to: names.count, by: Self.streamsAtOnce) {
            result += try await count(names[start..<min(start + Self.streamsAtOnce, names.count)])
        }
        return result
    }

    /// How many streams are counted by one write.
    private static let streamsAtOnce = 256

    private func count(_ names: ArraySlice<StreamName>) async throws(BrokerError) -> [StreamStatistics] {
        var commands = RedisCommands()
        for name in names {
            let key = keys.key(of: name)
            commands.begin(2, "XLEN", for: .key(key))
            commands.add(key)
            commands.begin(3, "XINFO", for: .key(key))
            commands.add("GROUPS")
            commands.add(key)
        }
        var replies = try await ask(commands, to: "count streams").makeIterator()
        var result: [StreamStatistics] = []
        for name in names {
            guard let length = replies.next(), let groups = replies.next() else { break }
            if groups.isAbsence { continue }
            if let error = groups.error { throw BrokerError(error, "count '\(name)'") }
            let stored = length.integer
            result.append(
                StreamStatistics(
                    stream: name, length: stored, groups: groups.elements.compactMap { Self.group($0.facts, stored) }))
        }
        try await addPending(to: &result)
        return result
    }

    private static func group(_ facts: [String: RedisReply], _ length: Int?) -> StreamStatistics.Group? {
        guard let name = facts["name"]?.string else { return nil }
        // The server also counts entries that were trimmed before the group has read them.
        let lag = facts["lag"]?.integer.map { lag in length.map { min(lag, $0) } ?? lag }
        return StreamStatistics.Group(name: GroupName(name), pending: facts["pending"]?.integer, lag: lag)
    }

    /// The server's time: seconds and microseconds.
    private static func time(_ reply: RedisReply) -> Timestamp? {
        guard let seconds = reply.elements[0]?.integer, let rest = reply.elements[1]?.integer else { return nil }
        return Timestamp(milliseconds: Int64(seconds) * 1000 + Int64(rest) / 1000)
    }

    /// Adds the facts of the pending list and of the consumers of each group.
    private func addPending(to statistics: inout [StreamStatistics]) async throws(BrokerError) {
        var commands = RedisCommands("TIME", for: .anyNode)
        for stream in statistics {
            let key = keys.key(of: stream.stream)
            for group in stream.groups {
                commands.begin(3, "XPENDING", for: .key(key))
                commands.add(key)
                commands.add(group.name.text)
                commands.begin(4, "XINFO", for: .key(key))
                commands.add("CONSUMERS")
                commands.add(key)
                commands.add(group.name.text)
                let floor = keys.floor(group.name, of: stream.stream)
                commands.begin(3, "HGET", for: .key(floor))
                commands.add(floor)
                commands.add("slow")
            }
        }
        var replies = try await ask(commands, to: "count pending entries").makeIterator()
        let now = replies.next().flatMap { Self.time($0) }
        for place in statistics.indices {
            for member in statistics[place].groups.indices {
                guard let pending = replies.next(), let consumers = replies.next(), let slow = replies.next() else {
                    return
                }
                statistics[place].groups[member].add(pending, consumers, now)
                statistics[place].groups[member].show(slow, of: statistics[place].stream, now)
            }
            statistics[place].groups.sort { $0.name < $1.name }
        }
    }
}

extension StreamStatistics.Group {
    /// Adds the handler that the group shows.
    fileprivate mutating func show(_ field: RedisReply, of stream: StreamName, _ now: Timestamp?) {
        guard field.kind == .text, let now, let shown = field.string.flatMap({ ShownHandler($0) }) else { return }
        oldestHandler = shown.handler(of: name, in: stream, at: now)
    }

    /// Adds the facts; a group that is gone meanwhile keeps what is known of it.
    fileprivate mutating func add(_ summary: RedisReply, _ members: RedisReply, _ now: Timestamp?) {
        if summary.error == nil, let count = summary.elements[0]?.integer {
            pending = count
            oldestPendingAge = summary.elements[1].flatMap(EntryDecoder.id).flatMap { oldest in
                now.map { max(.zero, $0 - Timestamp(milliseconds: Int64(clamping: oldest.milliseconds))) }
            }
        }
        guard members.error == nil else { return }
        let holders = members.elements.map(\.facts)
        let waiting = holders.first { $0["name"]?.string == RedisKeys.parked }
        parked = waiting.map { $0["pending"]?.integer ?? 0 } ?? 0
        consumers = holders.count - (waiting == nil ? 0 : 1)
    }
}
