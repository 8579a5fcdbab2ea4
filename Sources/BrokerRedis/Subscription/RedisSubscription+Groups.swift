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
    /// What a stream is left alone for under whose key is something else.
    private static let rest = Duration.seconds(1)

    /// Takes a seat in each of the streams; a group that does not exist is made.
    ///
    /// Under a pattern, a stream that cannot be joined is left alone for a while; otherwise its error is thrown.
    func join(_ streams: [StreamName], from begin: String, isAgain: Bool = false) async throws(BrokerError) {
        if streams.isEmpty { return }
        let seats = streams.map { StreamSeat($0, group: member.group, keys: provider.keys, epoch: 0) }
        let connection = try await provider.commandConnection(to: joining)
        var calls = ScriptCalls()
        for seat in seats { calls.addGroup(seat, member, from: begin, isAgain: isAgain) }
        let replies: [RedisReply]
        do throws(RedisError) {
            replies = try await connection.run(calls)
        } catch {
            throw BrokerError(error, joining)
        }
        for (seat, reply) in zip(seats, replies) {
            if let error = reply.error { await provider.react(to: error, on: connection) }
            try take(reply, for: seat, isAgain)
        }
        try await list(streams.filter(\.isReserved))
    }

    /// Puts streams of the framework's own into the set of streams: they are there from their beginning, which no
    /// publisher sees.
    private func list(_ streams: [StreamName]) async throws(BrokerError) {
        if streams.isEmpty { return }
        var commands = RedisCommands()
        commands.begin(2 + streams.count, "SADD")
        commands.add(provider.keys.streams)
        for stream in streams { commands.add(provider.keys.key(of: stream)) }
        _ = try await ask(commands)
    }

    private func take(_ reply: RedisReply, for seat: StreamSeat, _ isAgain: Bool) throws(BrokerError) {
        if let error = reply.error {
            if case .pattern = selection, error.reaction == .isolateStream { return setAside(seat) }
            throw brokerError(error, joining)
        }
        let parts = Array(reply.elements.prefix(3))
        guard parts.count == 3, let time = parts[0].integer, let epoch = parts[1].string.flatMap({ UInt64($0) }) else {
            throw BrokerError(.malformedReply, "could not \(joining): the script answered something else")
        }
        let now = clock.now
        state.withLock { state in
            state.learn(time, asked: now, at: now)
            state.seat(seat, epoch: epoch)
        }
        if isAgain, parts[2].integer == 1 {
            logger.warning("the group was lost and has been made again", metadata: ["broker.key": "\(seat.key)"])
        }
    }

    /// What comes before every look: connections, lost groups, new streams.
    func prepare() async throws(BrokerError) {
        do throws(RedisError) {
            try await reader.open()
        } catch {
            throw BrokerError(error, action)
        }
        try await rejoin()
        try await discover()
    }

    /// A consumer that holds nothing leaves nothing behind. Should that fail, the janitor finds it.
    func leaveGroups() async {
        let seats = state.withLock { $0.seats }
        if seats.isEmpty || provider.isClosed { return }
        var calls = ScriptCalls()
        for seat in seats { calls.addLeave(seat, member) }
        guard let connection = try? await provider.commandConnection(to: "leave '\(selection)'") else { return }
        _ = try? await connection.run(calls)
    }

    /// Makes lost groups again, the slower the oftener it happens.
    func rejoin() async throws(BrokerError) {
        let now = clock.now
        let lost = state.withLock { $0.seats.filter { $0.isLost && now >= $0.restsUntil }.map(\.stream) }
        guard !lost.isEmpty else { return }
        let time = state.withLock { $0.pace.lost(at: now) }
        await clock.sleep(until: time)
        if Task.isCancelled || isClosed { return }
        let existing = try await withoutVanished(lost)
        try await join(existing, from: "0", isAgain: true)
    }

    /// Does what an error of a read or a sweep asks for, or throws it.
    func resolve(_ error: ServerError, of positions: ArraySlice<Int>) async throws(BrokerError) {
        switch error.reaction {
        case .ensureGroup: state.withLock { $0.lose(positions) }
        case .readAgain: break
        case .isolateStream: try await isolate(error, among: positions)
        default: throw BrokerError(error, action)
        }
    }

    /// Finds the keys under which is no stream and leaves them alone for a while; a single stream's error is thrown.
    private func isolate(_ error: ServerError, among positions: ArraySlice<Int>) async throws(BrokerError) {
        guard case .pattern = selection else { throw brokerError(error, action) }
        let seats = state.withLock { $0.seats }
        let connection = try await provider.commandConnection(to: action)
        var commands = RedisCommands()
        for position in positions {
            commands.begin(2, "TYPE")
            commands.add(seats[position].key)
        }
        do throws(RedisError) {
            for (position, type) in zip(positions, try await connection.send(commands)) where type.string != "stream" {
                setAside(seats[position])
            }
        } catch {
            throw BrokerError(error, action)
        }
    }

    private func setAside(_ seat: StreamSeat) {
        let time = clock.now + Self.rest
        let isNew = state.withLock { state in
            guard let place = state.place(of: seat.stream) else { return false }
            defer { state.seats[place].restsUntil = time }
            state.seats[place].isLost = true
            return state.seats[place].restsUntil == .distantPast
        }
        guard isNew else { return }
        logger.warning(
            "the stream is left alone, its key holds something else", metadata: ["broker.key": "\(seat.key)"])
    }

    /// An error of the server; one about a key that holds no stream names it, and goes away with what is there.
    private func brokerError(_ error: ServerError, _ action: String) -> BrokerError {
        var wrapped = BrokerError(error, action)
        guard error.reaction == .isolateStream else { return wrapped }
        wrapped.message = "could not \(action): the key '\(key)' holds no stream; move it away, or rename the stream"
        wrapped.isRetryable = true
        return wrapped
    }

    private var joining: String { "join '\(member.group)' of '\(selection)'" }

    private var key: String { state.withLock { $0.seats.first?.key ?? selection.text } }
}

extension SubscriptionState {
    /// Seats the consumer in a stream, in that life of the group.
    fileprivate mutating func seat(_ seat: StreamSeat, epoch: UInt64) {
        guard let place = place(of: seat.stream) else {
            var seat = seat
            seat.epoch = epoch
            return seats.append(seat)
        }
        seats[place].epoch = epoch
        seats[place].isLost = false
        seats[place].restsUntil = .distantPast
    }
}
