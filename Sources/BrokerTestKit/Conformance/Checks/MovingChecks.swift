// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Moving entries from one stream to another, as dead letters are put back.
enum MovingChecks {
    static let all: [ConformanceCheck] = [
        check("moving an entry stores its message at the end of another stream and removes it", moved),
        check("moving an entry that is gone stores nothing", repeated),
        check("two who move the same entries store each once", together),
    ]

    private static func check(
        _ name: String, _ body: @escaping @Sendable (ConformanceBench) async throws -> Void
    ) -> ConformanceCheck {
        ConformanceCheck(name, needs: .replay, abilities: [.moving, .history], body)
    }

    private static func move(
        _ ids: [MessageID], from source: StreamName, to destination: StreamName, by provider: any BrokerProvider
    ) async throws -> [MessageID?] {
        guard let moving = provider as? any EntryMoving else {
            throw ConformanceFailure("the provider moves no entries")
        }
        let entries = ids.map { id in
            StoredMessage(id: id, message: Message(Payload([0, 255]), key: "k", headers: ["was": "\(id)"]))
        }
        return try await moving.move(entries, from: source, to: destination).map { try $0.get() }
    }

    private static func stored(_ bench: ConformanceBench, in stream: StreamName) async throws -> [StoredMessage] {
        try await (bench.provider as? any HistoryReading)?.range(.zero ... .maximum, of: stream, limit: 1000) ?? []
    }

    @Sendable static func moved(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let ids = try await bench.publish(4, to: stream.deadLetters)
        let earlier = try await bench.publish(1, to: stream)
        let results = try await move(Array(ids[1...2]), from: stream.deadLetters, to: stream, by: bench.provider)
        let there = try await stored(bench, in: stream)
        try expect(there.map(\.id), is: earlier + results.compactMap(\.self), "the entries of the destination")
        let last = there.last?.message
        try expect(last?.payload, is: Payload([0, 255]), "the body")
        try expect(last?.key, is: "k", "the key")
        try expect(last?.headers, is: ["was": "\(ids[2])"], "the headers")
        let left = try await stored(bench, in: stream.deadLetters)
        try expect(left.map(\.id), is: [ids[0], ids[3]], "the entries of the source")
        let group = try await bench.join(stream)
        try expect(try await bench.collect(3, from: group).count, is: 3, "messages of a group of the destination")
    }

    @Sendable static func repeated(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let ids = try await bench.publish(3, to: stream.deadLetters)
        _ = try await move(Array(ids.prefix(2)), from: stream.deadLetters, to: stream, by: bench.provider)
        let again = try await move(ids, from: stream.deadLetters, to: stream, by: bench.provider)
        try expect(again.map { $0 == nil }, is: [true, true, false], "whether the entry was gone")
        let origins = try await stored(bench, in: stream).compactMap { $0.message.headers["was"] }
        try expect(origins, is: ids.map(\.description), "what was moved")
    }

    @Sendable static func together(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let ids = try await bench.publish(40, to: stream.deadLetters)
        async let one = move(ids, from: stream.deadLetters, to: stream, by: bench.provider)
        async let other = move(ids.reversed(), from: stream.deadLetters, to: stream, by: bench.peer)
        let moved = try await (one + other).compactMap(\.self)
        try expect(moved.count, is: 40, "entries that were moved")
        let origins = try await stored(bench, in: stream).compactMap { $0.message.headers["was"] }
        try expect(origins.sorted(), is: ids.map(\.description).sorted(), "what was moved")
    }
}
