// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis

/// The scripts of a group as calls.
extension ScriptBench {
    /// What a settlement came to.
    static let done: RedisValue = 1
    static let settled: RedisValue = 2
    static let lost: RedisValue = 3
    static let missing: RedisValue = 4

    @discardableResult
    func makeGroup(first: String = "0", isAgain: Bool = false) async throws -> RedisValue {
        try await run(
            isFormer ? FormerScripts.group : RedisScripts.group, keys: [stream, floor, due],
            [group, first, isAgain ? "1" : "0"])
    }

    /// What a sweep is asked.
    struct SweepRequest {
        var visibility = 300
        var due = 100
        var expired = 100
        var suspects = 1
        var expected = 0
        var rotation = 0
        var cursor = "-"
    }

    /// What a sweep answered.
    struct Sweep {
        var time: Int
        var epoch: String
        var distance: Int
        var rest: Int
        var cursor: String
        var expired: [String: Int]
        var due: [String: Int]
        var dueOrder: [String]
        var missing: [String]
        var mended: Int
        var shutFor: Int

        init(_ answer: RedisValue) throws {
            let parts = answer.elements
            guard parts.count == 10 else { throw Unexpected(answer: answer) }
            (time, epoch, distance, rest) = (parts[0].integer, parts[1].text, parts[2].integer, parts[3].integer)
            (cursor, missing) = (parts[4].text, parts[7].texts)
            (mended, shutFor) = (parts[8].integer, parts[9].integer)
            expired = Sweep.leases(parts[5])
            due = Sweep.leases(parts[6])
            dueOrder = stride(from: 0, to: parts[6].elements.count, by: 2).map { parts[6].elements[$0].text }
        }

        private static func leases(_ value: RedisValue) -> [String: Int] {
            let parts = value.elements
            let pairs = stride(from: 0, to: parts.count, by: 2).map { (parts[$0].text, parts[$0 + 1].integer) }
            return Dictionary(pairs) { max($0, $1) }
        }
    }

    /// An answer that is no answer.
    struct Unexpected: Error {
        var answer: RedisValue
    }

    func sweepAnswer(by consumer: String, _ request: SweepRequest) async throws -> RedisValue {
        let numbers = [request.due, request.expired, request.suspects, request.expected, request.rotation].map {
            "\($0)"
        }
        return try await run(
            isFormer ? FormerScripts.sweep : RedisScripts.sweep,
            keys: [stream, floor, due] + (isFormer ? [formerGuard] : []),
            [group, consumer, "\(request.visibility)", epoch] + numbers + [request.cursor])
    }

    func sweep(by consumer: String, _ change: (inout SweepRequest) -> Void = { _ in }) async throws -> Sweep {
        var request = SweepRequest()
        change(&request)
        return try Sweep(try await sweepAnswer(by: consumer, request))
    }

    /// Opens the group to the next sweep.
    func removeGuard() async throws {
        try await command("HDEL", floor, "guard")
        try await command("DEL", formerGuard)
    }

    /// For how many ms the guard stays closed; 0 without a guard.
    func guardTime() async throws -> Int {
        let value = try await command("HGET", floor, "guard").text
        return value.isEmpty ? 0 : (Int(value.drop { $0 != " " }.dropFirst()) ?? 0) - (try await time())
    }

    @discardableResult
    func park(
        _ ids: [String], by consumer: String, token: Int = 1, waiting: Int? = nil, delay: Int = 0,
        epoch: String? = nil
    ) async throws -> RedisValue {
        let entries = ids.flatMap { [$0, "\(token)", "\(waiting ?? token)", "\(delay)"] }
        return try await run(
            isFormer ? FormerScripts.park : RedisScripts.park, keys: [stream, floor, due],
            [group, consumer, epoch ?? self.epoch] + entries)
    }

    @discardableResult
    func extend(
        _ ids: [String], by consumer: String, token: Int = 1, to new: Int? = nil, epoch: String? = nil,
        hasFloor: Bool = true
    ) async throws -> RedisValue {
        let entries = ids.flatMap { [$0, "\(token)", "\(new ?? token)"] }
        let keys = hasFloor ? [stream, floor] : [stream]
        return try await run(RedisScripts.extend, keys: keys, [group, consumer, epoch ?? self.epoch] + entries)
    }

    @discardableResult
    func bury(
        _ ids: [String], by consumer: String, token: Int = 1, epoch: String? = nil
    ) async throws -> RedisValue {
        let reply = try await buryTellingIDs(ids, by: consumer, token: token, epoch: epoch)
        guard case .array(let outcomes) = reply else { return reply }
        return .array(outcomes.map { if case .text = $0 { Self.done } else { $0 } })
    }

    /// The same, with the id of each dead letter in the place of what it came to.
    func buryTellingIDs(
        _ ids: [String], by consumer: String, token: Int = 1, epoch: String? = nil
    ) async throws -> RedisValue {
        let entries = ids.flatMap { [$0, "\(token)", "rejected", "no such customer", "\(token)"] }
        return try await run(
            RedisScripts.dead, keys: [stream, floor, letters],
            [group, consumer, epoch ?? self.epoch, stream, "host-1"] + entries)
    }

    func forward(
        _ id: String, by consumer: String, token: Int = 1, to destination: String = "{orders}:next",
        messages: [[String]] = [["data", "y"]], epoch: String? = nil
    ) async throws -> RedisValue {
        let messages = messages.map { (destination, "", $0) }
        return try await forward(id, by: consumer, token: token, messages, epoch: epoch)
    }

    /// Forwards messages, each with the key of its stream and how many entries that keeps.
    func forward(
        _ id: String, by consumer: String, token: Int = 1,
        _ messages: [(destination: String, bound: String, values: [String])], epoch: String? = nil
    ) async throws -> RedisValue {
        try await run(
            RedisScripts.forward, keys: [stream, floor] + messages.map(\.destination),
            [group, consumer, epoch ?? self.epoch, id, "\(token)"]
                + messages.flatMap { [$0.bound, "", "\($0.values.count)"] + $0.values })
    }

    /// Forwards one message that is stored once by an id.
    func forward(_ id: String, by consumer: String, once publisherID: String, then other: [String]? = nil) async throws
        -> RedisValue
    {
        let rest = other.map { ["", "", "\($0.count)"] + $0 } ?? []
        return try await run(
            RedisScripts.forward, keys: [stream, floor, letters, ids] + (other == nil ? [] : [letters]),
            [group, consumer, epoch, id, "1", "", publisherID, "60000", "10", "2", "data", "y"] + rest)
    }

    /// The hash of the ids that a stream of dead letters knows.
    var ids: String { "{orders}:dead:~publish:ids" }

    /// Stores a message once by an id; returns what it came to.
    @discardableResult
    func publish(
        once id: String, to key: String = "orders", ids: String = "{orders}:~publish:ids", window: Int = 60_000,
        most: Int = 10, bound: String = ""
    ) async throws -> RedisValue {
        try await run(
            RedisScripts.publish, keys: [key, ids], [bound, id, "\(window)", "\(most)", "data", "of \(id)"])
    }

    @discardableResult
    func restore(_ ids: [String], by consumer: String, token: Int = 1) async throws -> RedisValue {
        let entries = ids.flatMap { [$0, "\(token)", "\(token + 1)"] }
        return try await run(RedisScripts.restore, keys: [stream, floor], [group, consumer, epoch] + entries)
    }

    @discardableResult
    func rewind(to id: String) async throws -> RedisValue {
        try await run(RedisScripts.rewind, keys: [stream, floor, due], [group, id])
    }

    @discardableResult
    func vanish() async throws -> RedisValue {
        try await run(RedisScripts.vanish, keys: [stream, floor, due], [])
    }

    @discardableResult
    func removeMembers(named name: String = "", idle: Int? = nil) async throws -> RedisValue {
        try await run(RedisScripts.members, keys: [stream], [group, name, idle.map { "\($0)" } ?? ""])
    }

    @discardableResult
    func maintain(
        _ mode: String = "hold", length: Int? = nil, age: Int? = nil, groups: [String] = ["billing"],
        declared: [String] = ["billing"]
    ) async throws -> RedisValue {
        let bounds = [length, age].map { bound in bound.map { "\($0)" } ?? "" }
        return try await run(
            RedisScripts.maintain, keys: [stream] + groups.map { "{orders}:\($0):floor" },
            [mode] + bounds + ["\(groups.count)"] + groups + declared)
    }
}
