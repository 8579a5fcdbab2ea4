// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Publishing once: a message that is published again with its id.
enum DeduplicationChecks {
    static let all: [ConformanceCheck] = [
        check("a message that is published again with its id is stored once", again),
        check("an id that comes twice in a batch is stored once, and the others keep their order", batch),
        check("an id belongs to its stream", streams),
        check("of many who publish an id at once, one stores it", together),
        check("an id is known although its entry is gone", abilities: .purging, gone),
        check("an id that its publisher has not given is never taken for known", without),
        check("an id is forgotten when its window is over, and not before", window),
        check("the newest ids are known, as many as the bound says", bound),
        check("a stream that is deleted takes its ids with it", abilities: .deleting, deleted),
        ConformanceCheck(
            "forwarding stores an output with a known id once and removes the original",
            needs: [.deduplication, .redelivery, .atomicForward, .replay], abilities: .history, forwarded),
    ]

    private static func check(
        _ name: String, abilities: ConformanceAbilities = [],
        _ body: @escaping @Sendable (ConformanceBench) async throws -> Void
    ) -> ConformanceCheck {
        ConformanceCheck(name, needs: [.deduplication, .replay], abilities: abilities.union(.history), body)
    }

    private static func entry(
        _ body: String, _ id: DeduplicationID?, in stream: StreamName,
        _ policy: DeduplicationPolicy = DeduplicationPolicy()
    ) -> PublishBatch.Entry {
        PublishBatch.Entry(
            stream: stream, message: Message(body), deduplication: id.map { PublishBatch.Deduplication($0, policy) })
    }

    private static func publish(
        _ entries: PublishBatch.Entry..., by provider: any BrokerProvider
    ) async throws -> [PublishReceipt] {
        let results = await provider.publish(PublishBatch(entries))
        try expect(results.count, is: entries.count, "results of publishing")
        return try results.map { try $0.get() }
    }

    private static func stored(_ bench: ConformanceBench, in stream: StreamName) async throws -> [StoredMessage] {
        try await (bench.provider as? any HistoryReading)?.range(.zero ... .maximum, of: stream, limit: 1000) ?? []
    }

    @Sendable static func again(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let first = try await publish(entry("first", "order-1", in: stream), by: bench.provider)[0]
        try expect(first.isDuplicate, is: false, "whether the first one is a duplicate")
        for provider in [bench.provider, bench.peer] {
            let again = try await publish(entry("again", "order-1", in: stream), by: provider)[0]
            try expect(again, is: PublishReceipt(id: first.id, isDuplicate: true), "the receipt of a repetition")
        }
        let other = try await publish(entry("other", "order-2", in: stream), by: bench.peer)[0]
        let messages = try await stored(bench, in: stream)
        try expect(messages.map(\.id), is: [first.id, other.id], "the entries")
        try expect(messages.map(\.message), is: [Message("first"), Message("other")], "the messages")
        let group = try await bench.join(stream)
        try expect(try await bench.collect(2, from: group).ids, is: [first.id, other.id], "what a group receives")
    }

    @Sendable static func batch(_ bench: ConformanceBench) async throws {
        let (left, right) = (bench.stream("left"), bench.stream("right"))
        let receipts = try await publish(
            entry("0", nil, in: left), entry("1", "a", in: left), entry("2", nil, in: right), entry("3", "a", in: left),
            entry("4", "b", in: left), entry("5", nil, in: left), entry("6", nil, in: right), by: bench.provider)
        try expect(
            receipts.map(\.isDuplicate), is: [false, false, false, true, false, false, false], "what is a duplicate")
        try expect(receipts[3].id, is: receipts[1].id, "the entry of the repetition")
        let bodies = try await stored(bench, in: left).map { $0.message.payload.string }
        try expect(bodies, is: ["0", "1", "4", "5"], "what is stored, in order")
        try expect(
            try await stored(bench, in: left).map(\.id), is: [0, 1, 4, 5].map { receipts[$0].id }, "the entries")
        let others = try await stored(bench, in: right).map { $0.message.payload.string }
        try expect(others, is: ["2", "6"], "what is stored in the other stream")
    }

    @Sendable static func streams(_ bench: ConformanceBench) async throws {
        for stream in [bench.stream("left"), bench.stream("right")] {
            let receipt = try await publish(entry("one", "order-1", in: stream), by: bench.provider)[0]
            try expect(receipt.isDuplicate, is: false, "whether the id is known in another stream")
        }
    }

    @Sendable static func together(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let receipts = try await withThrowingTaskGroup(of: PublishReceipt.self) { group in
            for number in 0..<20 {
                let provider = number % 2 == 0 ? bench.provider : bench.peer
                group.addTask { try await publish(entry("\(number)", "order-1", in: stream), by: provider)[0] }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try expect(receipts.count { !$0.isDuplicate }, is: 1, "publishers that stored it")
        try expect(Set(receipts.map(\.id)).count, is: 1, "ids that they were told")
        try expect(try await stored(bench, in: stream).count, is: 1, "entries")
    }

    @Sendable static func gone(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let first = try await publish(entry("first", "order-1", in: stream), by: bench.provider)[0]
        _ = try await (bench.provider as? any Purging)?.purge(stream)
        let again = try await publish(entry("again", "order-1", in: stream), by: bench.provider)[0]
        try expect(again, is: PublishReceipt(id: first.id, isDuplicate: true), "the receipt of a repetition")
        try expect(try await stored(bench, in: stream).count, is: 0, "entries")
    }

    @Sendable static func without(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        _ = try await publish(entry("same", "order-1", in: stream), by: bench.provider)
        for id in [nil, "order-2", "ORDER-1", "order-1 ", "e\u{301}", "\u{e9}"] as [DeduplicationID?] {
            let receipt = try await publish(entry("same", id, in: stream), by: bench.provider)[0]
            try expect(receipt.isDuplicate, is: false, "whether a message without an id, or with another one, is known")
        }
        try expect(try await stored(bench, in: stream).count, is: 7, "entries")
    }

    @Sendable static func window(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let policy = DeduplicationPolicy(window: max(.seconds(1), bench.visibility))
        let first = try await publish(entry("first", "order-1", in: stream, policy), by: bench.provider)[0]
        await bench.time.pass(policy.window / 2)
        let again = try await publish(entry("again", "order-1", in: stream, policy), by: bench.provider)[0]
        try expect(again, is: PublishReceipt(id: first.id, isDuplicate: true), "the receipt within the window")
        // A repetition does not begin the window anew.
        await bench.time.pass(policy.window / 2 + bench.time.tolerance)
        let late = try await publish(entry("late", "order-1", in: stream, policy), by: bench.provider)[0]
        try expect(late.isDuplicate, is: false, "whether it is known after the window")
        let last = try await publish(entry("last", "order-1", in: stream, policy), by: bench.provider)[0]
        try expect(last, is: PublishReceipt(id: late.id, isDuplicate: true), "the receipt within the next window")
    }

    @Sendable static func bound(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let policy = DeduplicationPolicy(maximumIDs: 3)
        for number in 0..<100 {
            let id = DeduplicationID("\(number)")
            _ = try await publish(entry("\(number)", id, in: stream, policy), by: bench.provider)
        }
        for number in 97..<100 {
            let id = DeduplicationID("\(number)")
            let again = try await publish(entry("again", id, in: stream, policy), by: bench.provider)[0]
            try expect(again.isDuplicate, is: true, "whether id \(number) of 100 is known, where 3 are")
        }
        let old = try await publish(entry("again", "96", in: stream, policy), by: bench.provider)[0]
        try expect(old.isDuplicate, is: false, "whether id 96 of 100 is known, where 3 are")
    }

    @Sendable static func deleted(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        _ = try await publish(entry("first", "order-1", in: stream), by: bench.provider)
        let count = try await (bench.provider as? any StreamDeleting)?.delete(.stream(stream), idleFor: .zero)
        try expect(count, is: 1, "streams that were deleted")
        let again = try await publish(entry("again", "order-1", in: stream), by: bench.provider)[0]
        try expect(again.isDuplicate, is: false, "whether it is known in a new stream of the same name")
        try expect(try await stored(bench, in: stream).count, is: 1, "entries")
    }

    @Sendable static func forwarded(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        // The same hash tag, which a cluster needs for one atomic step.
        let target = StreamName("{\(stream)}:next")
        let subscription = try await bench.join(stream)
        try await bench.publish(2, to: stream)
        _ = try await publish(entry("known", "bill-1", in: target), by: bench.provider)
        for message in try await bench.collect(2, from: subscription) {
            let outputs = [
                entry("0", nil, in: target), entry("1", "bill-1", in: target), entry("2", "bill-2", in: target),
            ]
            let outcome = try await bench.settle(message, .forward(outputs), on: subscription)
            try expect(outcome, isOneOf: .done, after: "forwarding")
        }
        let bodies = try await stored(bench, in: target).map { $0.message.payload.string }
        try expect(bodies, is: ["known", "0", "2", "0"], "what is stored")
        let again = try await publish(entry("again", "bill-2", in: target), by: bench.provider)[0]
        try expect(again.isDuplicate, is: true, "whether the id of an output is known to publishers")
        try await bench.expectNothing(from: subscription, for: bench.takeover, "a forwarded message")
    }
}
