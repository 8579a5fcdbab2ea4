// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Reading the past without joining a group.
enum HistoryChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("the latest entries come newest first", abilities: .history, latest),
        ConformanceCheck("a range has both its ends and keeps its limit", abilities: .history, range),
        ConformanceCheck("a tail follows the stream", abilities: .history, tail),
        ConformanceCheck("a tail that waits ends with its time or its task", abilities: .history, waiting),
    ]

    private static func reader(_ bench: ConformanceBench) throws -> any HistoryReading {
        guard let reader = bench.provider as? any HistoryReading else {
            throw ConformanceFailure("the provider reads no past")
        }
        return reader
    }

    @Sendable static func latest(_ bench: ConformanceBench) async throws {
        let reader = try reader(bench)
        let stream = bench.stream()
        try expect(try await reader.latest(5, of: stream).count, is: 0, "entries of a stream that does not exist")
        let ids = try await bench.publish(10, to: stream)
        let found = try await reader.latest(4, of: stream)
        try expect(found.map(\.id) == ids.suffix(4).reversed(), "the newest four, newest first")
        try expect(found.map(\.message.payload.string), is: ["9", "8", "7", "6"], "their payloads")
        try expect(try await reader.latest(100, of: stream).count, is: 10, "entries when more are asked for")
    }

    @Sendable static func range(_ bench: ConformanceBench) async throws {
        let reader = try reader(bench)
        let stream = bench.stream()
        let ids = try await bench.publish(10, to: stream)
        let middle = try await reader.range(ids[2]...ids[6], of: stream, limit: 100).map(\.id)
        try expect(middle == Array(ids[2...6]), "a range with both ends, oldest first")
        let limited = try await reader.range(.zero ... .maximum, of: stream, limit: 3).map(\.id)
        try expect(limited == Array(ids[..<3]), "the oldest three of everything")
        let single = try await reader.range(ids[4]...ids[4], of: stream, limit: 10).map(\.id)
        try expect(single == [ids[4]], "one entry by its id")
    }

    @Sendable static func tail(_ bench: ConformanceBench) async throws {
        let reader = try reader(bench)
        let stream = bench.stream()
        let ids = try await bench.publish(5, to: stream)
        let first = try await reader.tail(stream, after: ids[1], limit: 2, wait: .zero).map(\.id)
        try expect(first == Array(ids[2...3]), "two entries behind an id")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await bench.time.pass(bench.visibility / 5)
                try await bench.publish([Message("new")], to: stream)
            }
            let start = bench.time.now
            let found = try await reader.tail(stream, after: ids[4], limit: 10, wait: bench.visibility * 3)
            let waited = bench.time.now - start
            try await group.waitForAll()
            try expect(found.map(\.message.payload.string), is: ["new"], "what was published while the tail waited")
            try expect(waited <= bench.visibility / 5 + bench.time.tolerance, "the tail was late: after \(waited)")
        }
    }

    @Sendable static func waiting(_ bench: ConformanceBench) async throws {
        let reader = try reader(bench)
        let stream = bench.stream()
        let start = bench.time.now
        let none = try await reader.tail(stream, after: .zero, limit: 10, wait: bench.visibility / 5)
        try expect(none.count, is: 0, "entries of a stream that does not exist")
        let waited = bench.time.now - start
        try expect(waited >= bench.visibility / 5 - bench.time.tolerance, "the tail ended early, after \(waited)")
        try expect(waited <= bench.visibility / 5 + bench.time.tolerance, "the tail ended late, after \(waited)")
        try await withThrowingTaskGroup(of: [StoredMessage].self) { group in
            group.addTask { try await reader.tail(stream, after: .zero, limit: 10, wait: bench.visibility * 9) }
            await bench.time.pass(bench.visibility / 10)
            group.cancelAll()
            try expect(try await group.next()?.count, is: 0, "entries of a cancelled tail")
        }
        let whole = bench.time.now - start
        try expect(whole < bench.visibility, "a cancelled tail ends at once, not after \(whole)")
    }
}
