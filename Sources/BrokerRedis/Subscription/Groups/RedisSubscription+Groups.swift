// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import RedisWire
import Synchronization

/// Groups: joined, lost, made again.
extension RedisSubscription {
    /// How long a stream whose key holds something else, or whose slot moves, is left alone.
    private static let setAsideTime = Duration.seconds(1)
    /// How many streams are joined by one write, so that the server is not blocked for long.
    private static let streamsAtOnce = 256

    /// Joins the group of each of the streams; a group that does not exist is made.
    ///
    /// Under a pattern, a stream that cannot be joined is left alone for a while. For a single stream its error is
    /// thrown.
    func join(_ streams: [StreamName], from begin: String, isAgain: Bool = false) async throws(BrokerError) {
        var remade: [Membership] = []
        for start in stride(from: 0, to: streams.count, by: Self.streamsAtOnce) {
            let part = streams[start..<min(start + Self.streamsAtOnce, streams.count)]
            remade += try await joinTogether(part, from: begin, isAgain)
        }
        guard isAgain, let first = remade.first else { return }
        var metadata: Logger.Metadata = [LoggingKeys.key: "\(first.key)"]
        if remade.count > 1 { metadata["broker.others"] = "\(remade.count - 1)" }
        logger.warning("the group was lost and has been made again", metadata: metadata)
    }

    /// Returns the memberships whose groups did not exist.
    private func joinTogether(
        _ streams: ArraySlice<StreamName>, from begin: String, _ isAgain: Bool
    ) async throws(BrokerError) -> [Membership] {
        let memberships = streams.map { Membership($0, group: member.group, keys: provider.keys, epoch: 0) }
        let connection = try await provider.commandConnection(
            to: joining, for: RedisRoutes(.keys(memberships.map(\.key))))
        var calls = ScriptCalls()
        for membership in memberships { calls.addGroup(membership, member, from: begin, isAgain: isAgain) }
        let replies: [RedisReply]
        do throws(RedisError) {
            replies = try await connection.run(calls)
        } catch {
            throw BrokerError(error, joining)
        }
        var made: [Membership] = []
        for (membership, reply) in zip(memberships, replies) {
            if let error = reply.error { connection.react(to: error) }
            if try noteJoined(membership, reply, from: begin) { made.append(membership) }
        }
        try await addToSet(streams.filter(\.isReserved))
        return made
    }

    /// Puts the framework's own streams into the set of streams. They are made by joining, so no publisher adds them.
    private func addToSet(_ streams: [StreamName]) async throws(BrokerError) {
        if streams.isEmpty { return }
        var commands = RedisCommands()
        provider.addToSet(streams, in: &commands)
        _ = try await provider.ask(commands, to: joining)
    }

    /// Returns whether the group was made.
    private func noteJoined(
        _ membership: Membership, _ reply: RedisReply, from begin: String
    ) throws(BrokerError) -> Bool {
        if let error = reply.error {
            guard case .pattern = selection else { throw brokerError(error, joining) }
            // Whoever joins later begins with the first entry.
            if error.isOfMovingSlot, begin == "0" {
                rest(membership)
            } else {
                guard error.reaction == .isolateStream else { throw brokerError(error, joining) }
                setAside(membership)
            }
            return false
        }
        let parts = Array(reply.elements.prefix(3))
        guard parts.count == 3, let time = parts[0].integer, let epoch = parts[1].string.flatMap({ UInt64($0) }) else {
            throw BrokerError(.malformedReply, "could not \(joining): the script returned something else")
        }
        let now = clock.now
        state.withLock { state in
            state.learnTime(time, sent: now, at: now)
            state.membership(membership, epoch: epoch)
        }
        return parts[2].integer == 1
    }

    /// Comes before every poll: opens connections, makes lost groups again, finds new streams.
    func prepare() async throws(BrokerError) {
        do throws(RedisError) {
            try await reader.open()
        } catch {
            throw BrokerError(error, action)
        }
        try await rejoin()
        try await discover()
    }

    /// Deletes the consumer from the groups in which it holds nothing. If that fails, the janitor finds it.
    func leaveGroups() async {
        let memberships = state.withLock { $0.memberships }
        if memberships.isEmpty || provider.isClosed { return }
        var calls = ScriptCalls()
        for membership in memberships { calls.addLeave(membership, member) }
        let action = "leave '\(selection)'"
        guard
            let connection = try? await provider.commandConnection(
                to: action, for: calls.routes, uninterruptedFor: callTimeout)
        else { return }
        _ = try? await connection.run(calls, timeout: callTimeout)
    }

    /// Makes lost groups again. The more often a group is lost, the longer it waits; other streams do not wait for it.
    func rejoin() async throws(BrokerError) {
        let now = clock.now
        let lost = state.withLock { state -> [StreamName] in
            guard state.memberships.isRejoinDue(at: now) else { return [] }
            return state.memberships.filter { $0.isLost && now >= $0.restsUntil }.map(\.stream)
        }
        if lost.isEmpty || isClosed { return }
        let existing = try await withoutVanished(lost)
        try await join(existing, from: "0", isAgain: true)
    }

    /// Reacts to an error of a read or a sweep; throws it if nothing can be done here.
    func resolve(_ error: ServerError, of positions: ArraySlice<Int>) async throws(BrokerError) {
        if case .pattern = selection, error.isOfMovingSlot {
            return state.withLock { state in positions.map { state.memberships[$0] } }.forEach(rest)
        }
        switch error.reaction {
        case .ensureGroup where positions.count == 1: lose(positions)
        case .ensureGroup: try await isolate(among: positions)
        case .readAgain: break
        case .isolateStream:
            guard case .pattern = selection else { throw brokerError(error, action) }
            try await isolate(among: positions)
        default: throw BrokerError(error, action)
        }
    }

    /// Finds the streams that have no group and the keys that hold no stream, so that the other streams are read.
    private func isolate(among positions: ArraySlice<Int>) async throws(BrokerError) {
        let memberships = state.withLock { state in positions.map { state.memberships[$0] } }
        var commands = RedisCommands()
        for membership in memberships {
            commands.begin(3, "XPENDING", for: .key(membership.key))
            commands.add(membership.key)
            commands.add(member.group.text)
        }
        var isFound = false
        for ((position, membership), reply) in zip(
            zip(positions, memberships), try await provider.ask(commands, to: action))
        {
            switch reply.error?.reaction {
            case .ensureGroup: lose([position])
            case .isolateStream: setAside(membership)
            default: continue
            }
            isFound = true
        }
        // If none is found, the same read would fail again at once. Joining has a backoff.
        if !isFound { lose(positions) }
    }

    func lose(_ positions: some Sequence<Int>) {
        let now = clock.now
        state.withLock { $0.lose(positions, at: now) }
    }

    func setAside(_ membership: Membership) {
        let time = clock.now + Self.setAsideTime
        let isNew = state.withLock { state in
            guard let position = state.memberships.position(of: membership.stream) else { return false }
            return state.memberships[position].setAside(until: time)
        }
        guard isNew else { return }
        logger.warning(
            "the stream is left alone, its key holds something else", metadata: [LoggingKeys.key: "\(membership.key)"])
    }

    /// Leaves a stream of a pattern alone while the cluster moves its slot, so that the other streams go on. A stream
    /// that was not joined yet is found again.
    private func rest(_ membership: Membership) {
        let time = clock.now + Self.setAsideTime
        state.withLock { state in
            guard let position = state.memberships.position(of: membership.stream) else { return }
            state.memberships[position].rest(until: time)
        }
    }

    /// Converts an error of the server. If a key holds no stream, the error names the key, and it can be retried,
    /// because somebody may move away what the key holds.
    private func brokerError(_ error: ServerError, _ action: String) -> BrokerError {
        var wrapped = BrokerError(error, action)
        guard error.reaction == .isolateStream else { return wrapped }
        wrapped.message = "could not \(action): the key '\(key)' holds no stream; move it away, or rename the stream"
        wrapped.isRetryable = true
        return wrapped
    }

    private var joining: String { "join '\(member.group)' of '\(selection)'" }

    private var key: String { state.withLock { $0.memberships.first?.key ?? selection.text } }
}

extension ServerError {
    /// Whether a cluster refused a command because its keys are on both sides of a slot that moves, or on neither.
    var isOfMovingSlot: Bool { text.hasPrefix("TRYAGAIN") }
}
