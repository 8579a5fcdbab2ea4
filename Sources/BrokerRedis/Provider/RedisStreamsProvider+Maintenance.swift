// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Logging
import RedisWire

/// The regular upkeep: floors, bounds on the past, and members that are gone.
extension RedisStreamsProvider {
    /// Looks after every declared stream and every stream that matches a declared pattern, unless another process has
    /// just done so.
    ///
    /// Writes each group's floor, trims what exceeds the bounds, and deletes consumers that hold nothing and have been
    /// idle for an hour. A stream that cannot be looked after (somebody put something else under its key, a right is
    /// missing) is logged and left alone; a server that is away is an error.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        var report = MaintenanceReport()
        for (name, declaration) in try await declaredStreams(of: request) {
            do throws(BrokerError) {
                try await maintain(name, declaration, into: &report)
            } catch {
                if [.connection, .timeout, .closed].contains(error.code) { throw error }
                logger.warning(
                    "A stream could not be looked after",
                    metadata: ["broker.stream": "\(name)", "broker.error": "\(error)"])
            }
        }
        return report
    }

    /// So many steps of at most 10,000 entries are trimmed of one stream before the next one has its turn.
    private static let steps = 100
    /// A consumer that was away for so long has gone.
    private static let absence: Duration = .seconds(3600)

    /// Every stream with what was declared for it: by its name, else by the first pattern that it matches.
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

    /// Whether nobody else has looked after it within the interval; from now on nobody else does. Where that cannot be
    /// noted, everybody does.
    private func isOurs(
        _ declaration: MaintenanceRequest.Stream, _ interval: Duration
    ) async throws(BrokerError) -> Bool {
        guard interval > .zero else { return true }
        let time = "\(interval.millisecondsRoundedUp)"
        let command = RedisCommands("SET", keys.upkeep(of: declaration.selection), "1", "NX", "PX", time)
        return try await ask(command, to: "look after '\(declaration.selection)'")[0]?.kind != .null
    }

    private func maintain(
        _ stream: StreamName, _ declaration: MaintenanceRequest.Stream, into report: inout MaintenanceReport
    ) async throws(BrokerError) {
        let action = "look after '\(stream)'"
        let reply = try await ask(RedisCommands("XINFO", "GROUPS", keys.key(of: stream)), to: action)[0]
        if reply?.isAbsence ?? true { return }
        if let error = reply?.error { throw BrokerError(error, action) }
        let groups = reply?.elements.compactMap { $0.facts["name"]?.string.map { GroupName($0) } } ?? []
        let calls = trimming(stream, declaration, groups)
        for _ in 0..<Self.steps {
            let answer = try await ask(calls, to: action).first
            if let error = answer?.error { throw BrokerError(error, action) }
            guard let step = answer.flatMap(TrimmingStep.init) else { return }
            report.trimmed += step.trimmed
            report.lost += step.lost
            if let excess = step.excess {
                report.held.append(.init(stream: stream, group: step.holder, excess: excess))
            }
            if !step.isUnfinished { break }
        }
        try await removeMembers(of: groups, of: stream)
    }

    private func trimming(
        _ stream: StreamName, _ declaration: MaintenanceRequest.Stream, _ groups: [GroupName]
    ) -> ScriptCalls {
        let retention = declaration.retention
        let age = retention.maximumAge.map { "\($0.millisecondsRoundedUp)" }
        var calls = ScriptCalls()
        calls.begin(
            RedisScripts.maintain, keys: 1 + groups.count, arguments: 4 + groups.count + declaration.groups.count)
        calls.add(keys.key(of: stream))
        for group in groups { calls.add(keys.floor(group, of: stream)) }
        calls.add(retention.mode.rawValue)
        calls.add(retention.maximumLength.map { "\($0)" } ?? "")
        calls.add(age ?? "")
        calls.add(groups.count)
        for group in groups + declaration.groups { calls.add(group.text) }
        return calls
    }

    /// The janitor: whoever may not delete members leaves them.
    private func removeMembers(of groups: [GroupName], of stream: StreamName) async throws(BrokerError) {
        if groups.isEmpty { return }
        var calls = ScriptCalls()
        for group in groups {
            calls.begin(RedisScripts.members, keys: 1, arguments: 3)
            calls.add(keys.key(of: stream))
            calls.add(group.text)
            calls.add("")
            calls.add("\(Self.absence.millisecondsRoundedUp)")
        }
        for answer in try await ask(calls, to: "look after the members of '\(stream)'") {
            guard let error = answer.error, !answer.isAbsence else { continue }
            throw BrokerError(error, "look after the members of '\(stream)'")
        }
    }
}

/// What one call of the maintenance script did.
private struct TrimmingStep {
    var trimmed: Int
    var lost: Int
    /// How many entries are over the bounds and have to stay; `nil` when none are.
    var excess: Int?
    /// The group that needs them; `nil` when the stream has no group.
    var holder: GroupName?
    /// Whether another call can trim more.
    var isUnfinished: Bool

    init?(_ reply: RedisReply) {
        var parts = reply.elements.makeIterator()
        guard let trimmed = parts.next()?.integer, let lost = parts.next()?.integer, let over = parts.next()?.integer,
            let name = parts.next()?.string, let again = parts.next()?.integer
        else { return nil }
        self.trimmed = trimmed
        self.lost = lost
        excess = over > 0 ? over : nil
        holder = name.isEmpty ? nil : GroupName(name)
        isUnfinished = again == 1
    }
}
