// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import ServiceLifecycle

/// Publishing: results are true, nothing is lost, and streams do not mix.
enum PublishingChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("messages published before a group exists arrive", needs: .replay, before),
        ConformanceCheck("there is one result for each message, in order, with rising ids", results),
        ConformanceCheck("two streams do not mix", twoStreams),
        ConformanceCheck("many streams under load do not mix", manyStreams),
        ConformanceCheck("closing right after parallel publishing loses nothing", closing),
        ConformanceCheck("publishing and consuming work before run, which ends with close", lifetime),
        ConformanceCheck("a closed provider refuses with closed, and may be closed twice", closed),
    ]

    @Sendable static func before(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let ids = try await bench.publish(100, to: stream)
        let messages = try await bench.collect(100, from: try await bench.join(stream))
        try expectExactly(messages.ids, ids, "what was published before")
        try expect(messages.allSatisfy { $0.attempt == 1 && $0.origin == .new }, "every message is new, at attempt 1")
        try expect(messages.allSatisfy { $0.receipt.stream == stream }, "every receipt names its stream")
    }

    @Sendable static func results(_ bench: ConformanceBench) async throws {
        let streams = [bench.stream("left"), bench.stream("right")]
        let entries = (0..<40).map { number in
            PublishBatch.Entry(stream: streams[number % 2], message: Message(Payload("\(number)")))
        }
        var subscriptions: [any BrokerSubscription] = []
        for stream in streams { subscriptions.append(try await bench.join(stream)) }
        let ids = try await bench.provider.publish(PublishBatch(entries)).map { try $0.get().id }
        try expect(ids.count, is: 40, "results")
        for (entry, id) in zip(entries, ids) { bench.note([entry.message], [id], in: entry.stream) }
        for side in 0..<2 {
            let own = ids.enumerated().filter { $0.offset % 2 == side }.map(\.element)
            try expect(zip(own, own.dropFirst()).allSatisfy { $0 < $1 }, "ids of a stream rise in the given order")
            let messages = try await bench.collect(20, from: subscriptions[side])
            let found = Dictionary(zip(bench.ids(of: messages), messages.payloads), uniquingKeysWith: { $1 })
            for (index, id) in own.enumerated() {
                try expect(found[id], is: "\(index * 2 + side)", "the message of result \(index)")
            }
        }
    }

    @Sendable static func twoStreams(_ bench: ConformanceBench) async throws {
        let streams = [bench.stream("left"), bench.stream("right")]
        var subscriptions: [any BrokerSubscription] = []
        for stream in streams { subscriptions.append(try await bench.join(stream)) }
        for stream in streams { try await bench.publish([Message(Payload(stream.text))], to: stream) }
        for (stream, subscription) in zip(streams, subscriptions) {
            let messages = try await bench.collect(1, from: subscription)
            try expect(messages.payloads, is: [stream.text], "the messages of a stream")
            try await bench.expectNothing(from: subscription, for: bench.visibility / 4, "the other stream's message")
        }
    }

    @Sendable static func manyStreams(_ bench: ConformanceBench) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let stream = bench.stream("topic\(number)-")
                    let subscription = try await bench.join(stream)
                    let ids = try await bench.publish(50, to: stream)
                    let messages = try await bench.collect(50, from: subscription)
                    try expectExactly(bench.ids(of: messages), ids, "the messages of one of twenty streams")
                    try expect(messages.allSatisfy { $0.receipt.stream == stream }, "receipts name their stream")
                }
            }
            try await group.waitForAll()
        }
    }

    @Sendable static func closing(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let ids = try await withThrowingTaskGroup(of: [MessageID].self) { group in
            for publisher in 0..<20 {
                group.addTask {
                    let messages = (0..<50).map { Message(Payload("\(publisher)/\($0)")) }
                    return try await bench.publish(messages, to: stream, on: bench.peer)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        if bench.hasPeer { await bench.peer.close() }
        let messages = try await bench.collect(1000, from: subscription)
        try expectExactly(bench.ids(of: messages), ids, "what twenty publishers were told is stored")
    }

    @Sendable static func lifetime(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(1, to: stream)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bench.provider.run() }
            let message = try await bench.collect(1, from: subscription)[0]
            try expect(try await bench.settle(message, .ack, on: subscription), isOneOf: .done, after: "an ack")
            await bench.provider.close()
            try await group.waitForAll()
        }
    }

    @Sendable static func closed(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        await bench.provider.close()
        await bench.provider.close()
        let results = await bench.provider.publish(PublishBatch([.init(stream: stream, message: Message("late"))]))
        try expect(results.count, is: 1, "results of a closed provider")
        let refusals = [
            await code { _ = try results[0].get() },
            await code { _ = try await bench.join(stream) },
            await code { _ = try await bench.poll(subscription) },
        ]
        try expect(refusals, is: [.closed, .closed, .closed], "errors of publish, subscribe and receive")
    }

    private static func code(_ call: () async throws -> Void) async -> BrokerError.Code? {
        do {
            try await call()
            return nil
        } catch {
            return (error as? BrokerError)?.code
        }
    }
}
