// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Logging
import RedisWire

/// Regular maintenance: floors, limits on the past, and consumers that are gone.
extension RedisStreamsProvider {
    /// Maintains every declared stream and every stream that matches a declared pattern, unless another process has
    /// just done so.
    ///
    /// Writes each group's floor, trims what exceeds the limits, and deletes consumers that hold nothing and have been
    /// idle for an hour. A stream that cannot be maintained (its key holds something else, a right is missing) is
    /// logged and left alone; an unreachable server is an error.
    ///
    /// - Parameter request: What is declared, and for how long other processes need not do the same.
    /// - Returns: what was trimmed, what was lost, and what has to stay.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        var report = MaintenanceReport()
        let declared = try await declaredStreams(of: request)
        for start in stride(from: 0, to: declared.count, by: Self.streamsAtOnce) {
            let part = declared[start..<min(start + Self.streamsAtOnce, declared.count)]
            let chores = try await chores(for: part)
            try await trim(chores, into: &report)
            try await removeMembers(chores)
        }
        return report
    }

    /// One stream with its declaration and its groups.
    private struct Chore {
        var stream: StreamName
        var declaration: MaintenanceRequest.Stream
        var groups: [GroupName]
    }

    /// How many streams one write maintains: few round trips for thousands of streams, and no long wait for others.
    private static let streamsAtOnce = 32
    /// How many steps of at most 10,000 entries trim one stream before the next stream has its turn.
    private static let steps = 100
    /// A consumer that was idle for this time is gone.
    private static let absence: Duration = .seconds(3600)

    /// Returns every stream with its declaration: by its name, else by the first pattern that it matches.
    private func declaredStreams(
        of request: MaintenanceRequest
    ) async throws(BrokerError) -> [(StreamName, MaintenanceRequest.Stream)] {
        var result: [(StreamName, MaintenanceRequest.Stream)] = []
        var seen: Set<StreamName> = []
        for case (.stream(let name), let declaration) in request.streams.map({ ($0.selection, $0) })
        where seen.insert(name).inserted {
            if try await isOurs(declaration, request.interval) { result.append((name, declaration)) }
        }
        for case (.pattern(let pattern), let declaration) in request.streams.map({ ($0.selection, $0) }) {
            guard try await isOurs(declaration, request.interval) else { continue }
            for name in try await streams(matching: pattern) where seen.insert(name).inserted {
                result.append((name, declaration))
            }
        }
        return result
    }

    /// Takes the turn for the interval; returns false if another process has it. If the server forbids to note this,
    /// every process has its turn.
    private func isOurs(
        _ declaration: MaintenanceRequest.Stream, _ interval: Duration
    ) async throws(BrokerError) -> Bool {
        guard interval > .zero else { return true }
        let time = "\(interval.millisecondsRoundedUp)"
        let key = keys.upkeep(of: declaration.selection)
        let command = RedisCommands("SET", key, "1", "NX", "PX", time, for: .key(key))
        return try await ask(command, to: "look after '\(declaration.selection)'")[0]?.kind != .null
    }

    private func chores(
        for declared: ArraySlice<(StreamName, MaintenanceRequest.Stream)>
    ) async throws(BrokerError) -> [Chore] {
        var commands = RedisCommands()
        for (stream, _) in declared {
            let key = keys.key(of: stream)
            commands.begin(3, "XINFO", for: .key(key))
            commands.add("GROUPS" as StaticString)
            commands.add(key)
        }
        var chores: [Chore] = []
        for ((stream, declaration), reply) in zip(declared, try await ask(commands, to: "look after streams")) {
            if reply.isAbsence { continue }
            if let error = reply.error {
                leaveAlone(stream, error)
                continue
            }
            let groups = reply.elements.compactMap { $0.facts["name"]?.string.map { GroupName($0) } }
            chores.append(Chore(stream: stream, declaration: declaration, groups: groups))
        }
        return chores
    }

    /// Trims step by step until no stream has more to trim.
    private func trim(_ chores: [Chore], into report: inout MaintenanceReport) async throws(BrokerError) {
        var unfinished = chores
        for _ in 0..<Self.steps where !unfinished.isEmpty {
            var calls = ScriptCalls()
            for chore in unfinished { addTrimming(chore, to: &calls) }
            let replies = try await ask(calls, to: "look after streams")
            unfinished = zip(unfinished, replies).compactMap { chore, reply in
                if let error = reply.error { leaveAlone(chore.stream, error) }
                guard let step = TrimmingStep(reply) else { return nil }
                report.add(step, of: chore.stream)
                return step.isUnfinished ? chore : nil
            }
        }
    }

    private func addTrimming(_ chore: Chore, to calls: inout ScriptCalls) {
        let (retention, groups) = (chore.declaration.retention, chore.groups)
        let age = retention.maximumAge.map { "\($0.millisecondsRoundedUp)" }
        let key = keys.key(of: chore.stream)
        calls.begin(
            RedisScripts.maintain, for: .key(key), keys: 1 + groups.count,
            arguments: 4 + groups.count + chore.declaration.groups.count)
        calls.add(key)
        for group in groups { calls.add(keys.floor(group, of: chore.stream)) }
        calls.add(retention.mode.rawValue)
        calls.add(retention.maximumLength.map { "\($0)" } ?? "")
        calls.add(age ?? "")
        calls.add(groups.count)
        for group in groups + chore.declaration.groups { calls.add(group.text) }
    }

    /// Deletes consumers that are gone, where the user has the right to.
    private func removeMembers(_ chores: [Chore]) async throws(BrokerError) {
        var calls = ScriptCalls()
        var streams: [StreamName] = []
        for chore in chores {
            let key = keys.key(of: chore.stream)
            for group in chore.groups {
                calls.begin(RedisScripts.members, for: .key(key), keys: 1, arguments: 3)
                for part in [key, group.text, "", "\(Self.absence.millisecondsRoundedUp)"] {
                    calls.add(part)
                }
                streams.append(chore.stream)
            }
        }
        if streams.isEmpty { return }
        for (stream, reply) in zip(streams, try await ask(calls, to: "look after members")) where !reply.isAbsence {
            if let error = reply.error { leaveAlone(stream, error) }
        }
    }

    private func leaveAlone(_ stream: StreamName, _ error: ServerError) {
        let error = BrokerError(error, "look after '\(stream)'")
        logger.warning(
            "A stream could not be looked after",
            metadata: [LoggingKeys.stream: "\(stream)", LinkLoggingKeys.error: "\(error)"])
    }
}

extension MaintenanceReport {
    fileprivate mutating func add(_ step: TrimmingStep, of stream: StreamName) {
        trimmed += step.trimmed
        lost += step.lost
        if let excess = step.excess { held.append(Held(stream: stream, group: step.holder, excess: excess)) }
    }
}

/// The result of one call of the maintenance script.
private struct TrimmingStep {
    var trimmed: Int
    var lost: Int
    /// How many entries exceed the limits and have to stay; `nil` for none.
    var excess: Int?
    /// The group that needs them; `nil` if the stream has no group.
    var holder: GroupName?
    /// Whether another call can trim more.
    var isUnfinished: Bool

    init?(_ reply: RedisReply) {
        var parts = reply.elements.makeIterator()
        guard let trimmed = parts.next()?.integer, let lost = parts.next()?.integer, let over = parts.next()?.integer,
            let name = parts.next()?.string, let again = parts.next()?.integer
        else { return nil }
        // No script counts that far, and sums of larger numbers could overflow.
        let counts = 0...Int(Int32.max)
        self.trimmed = min(max(trimmed, counts.lowerBound), counts.upperBound)
        self.lost = min(max(lost, counts.lowerBound), counts.upperBound)
        excess = over > 0 ? over : nil
        holder = name.isEmpty ? nil : GroupName(name)
        isUnfinished = again == 1
    }
}
