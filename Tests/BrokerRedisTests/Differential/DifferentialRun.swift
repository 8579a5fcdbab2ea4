// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerRedis
import BrokerTestKit
import RedisTestSupport

/// One run of calls on the model and on a server, which are compared after every call.
///
/// Both have the same time, which stands still but for what passes between calls: the server's clock is stopped and set
/// by hand. So ids, lease times and due times are not similar but equal.
struct DifferentialRun {
    /// How many milliseconds pass with every call.
    static let tick = 10

    let visibility: Duration
    let clock: ManualClock
    let rig: DifferentialRig
    let server: ServerSide
    var model: ModelSide
    var clients: [Client] = []
    /// What both sides look like, by stream; dead letters behind the streams.
    var states: [StreamState] = []
    /// The id of each message in each stream.
    var ids: [[Int: MessageID]]
    var loose: [[LooseIndex]]
    /// The groups that somebody has joined, by stream.
    var joined: [Set<Int>]
    var hasFlushed = false
    var tally = DifferentialTally(sequences: 1)

    init(_ rig: DifferentialRig, visibility: Int) async throws {
        self.rig = rig
        self.visibility = .milliseconds(visibility)
        clock = ManualClock()
        try rig.clock.stop(at: clock.timestamp.milliseconds)
        server = try await ServerSide(rig.server, rig.redis, clock: clock)
        model = ModelSide(clock)
        let (streams, groups) = (CallSequence.streams, CallSequence.groups)
        ids = streams.map { _ in [:] }
        joined = streams.map { _ in [] }
        loose = streams.map { _ in groups.map { _ in LooseIndex() } }
        states = modelStates
    }

    /// Ends the run.
    func close() async { await server.provider.close() }

    /// Makes a call on both sides and compares what they answer and what they look like then.
    mutating func make(_ call: Call) async throws {
        try pass(Self.tick)
        tally.calls += 1
        do {
            try await carryOut(call)
            try await compare()
        } catch {
            throw Difference("at \(call): \(error)")
        }
    }

    /// Lets time pass on both sides.
    mutating func pass(_ milliseconds: Int) throws {
        clock.advance(by: .milliseconds(milliseconds))
        try rig.clock.stop(at: now)
    }

    /// The time, in milliseconds since 1970.
    var now: Int64 { clock.timestamp.milliseconds }

    /// A consumer that still makes calls.
    func place(of consumer: Int) -> Int? { clients.firstIndex { $0.number == consumer && !$0.isGone } }
}

/// Looking.
extension DifferentialRun {
    private static let groups = CallSequence.groups
    private static let streams = CallSequence.streams
    private static let looked = streams + streams.map(\.deadLetters)

    private var modelStates: [StreamState] {
        Self.looked.enumerated().map { place, stream in
            model.state(of: stream, groups: place < Self.streams.count ? Self.groups : [])
        }
    }

    /// What the server looks like.
    func serverStates() async throws -> [StreamState] {
        try await server.states(of: Self.looked, groups: Self.groups, grouped: Self.streams.count, at: now)
    }

    private mutating func compare() async throws {
        let found = try await serverStates()
        states = modelStates
        for (place, stream) in Self.looked.enumerated() {
            try Self.equal(found[place].entries, states[place].entries, "entries of \(stream)")
            guard place < Self.streams.count else { continue }
            for group in Self.groups.indices { try compare(found[place].groups[group], stream: place, group: group) }
            for entry in states[place].entries { ids[place][CallSequence.number(of: entry.message)] = entry.id }
        }
    }

    private mutating func compare(_ found: GroupState?, stream: Int, group: Int) throws {
        let expected = states[stream].groups[group]
        guard let found, let expected else {
            if (found == nil) != (expected == nil) {
                throw Difference("group: \(found as Any), not \(expected as Any)")
            }
            return
        }
        try Self.equal(found.pending, expected.pending, "pending")
        try Self.equal(found.unread, expected.unread, "unread")
        try loose[stream][group].check(found, expected)
    }

    static func equal<Value: Hashable>(_ found: Value, _ expected: Value, _ what: String) throws {
        if found != expected { throw Difference("\(what): \(found), the model has \(expected)") }
    }
}
