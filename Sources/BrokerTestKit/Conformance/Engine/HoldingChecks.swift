// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Synchronization

/// What a consumer holds: leases while handlers run, suspects, and the drain.
enum HoldingChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "a handler that runs for three visibility timeouts keeps its message", needs: .redelivery, longHandler),
        ConformanceCheck(
            "messages that wait behind slow handlers keep their first attempt", needs: .redelivery, buffered),
        ConformanceCheck("a handler whose lease is lost is cancelled", needs: .redelivery, lostLease),
        ConformanceCheck("a message that kills its consumers is dead-lettered alone", needs: .redelivery, poison),
        ConformanceCheck("a drain lets handlers finish and hands back what has not begun", needs: .redelivery, drain),
        ConformanceCheck(
            "a drain cancels handlers that take too long and refunds their attempt", needs: .redelivery, lateHandler),
    ]

    @Sendable static func longHandler(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let rig = try EngineRig(bench, stream: stream, options: ConsumerOptions(concurrency: 2))
        let other = try await bench.join(stream, as: "other", on: bench.peer)
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) { await bench.time.pass(bench.visibility * 3) }
        }
        try await rig.run {
            try await bench.publish(2, to: stream)
            try await rig.wait(atMost: bench.takeover, for: "the handlers to begin") { log.runs.count == 2 }
            while log.ended.count < 2 {
                try expect(try await bench.poll(other).count, is: 0, "messages that another got")
                await bench.time.pass(bench.visibility / 10)
            }
        }
        try expect(log.runs.map(\.attempt), is: [1, 1], "the attempts")
        try expect(log.runs.allSatisfy { !$0.wasCancelled }, "no handler is cancelled")
    }

    @Sendable static func buffered(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let options = ConsumerOptions(concurrency: 1, prefetch: 50)
        let rig = try EngineRig(bench, stream: stream, options: options)
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) { await bench.time.pass(bench.visibility / 5) }
        }
        try await rig.run {
            try await bench.publish(15, to: stream)
            try await rig.wait(atMost: bench.visibility * 6, for: "fifteen handlers") { log.ended.count == 15 }
        }
        try expect(log.runs.allSatisfy { $0.attempt == 1 }, "every message at attempt 1")
        try expect(log.runs.count, is: 15, "handlers that ran")
    }

    @Sendable static func lostLease(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let faulty = FaultInjectingProvider(bench.provider)
        let rig = try EngineRig(bench, stream: stream, options: ConsumerOptions(), through: faulty)
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) { await bench.time.pass(bench.visibility * 20) }
        }
        try await rig.run {
            try await bench.publish(1, to: stream)
            try await rig.wait(atMost: bench.takeover, for: "the handler to begin") { log.runs.count == 1 }
            faulty.faults.cut()
            let other = try await bench.join(stream, as: "other", on: bench.peer)
            let taken = try await bench.collect(1, from: other)[0]
            try await bench.settle(taken, .ack, on: other)
            faulty.faults.restore()
            try await rig.wait(atMost: bench.takeover * 2, for: "the handler's end") { log.ended.count == 1 }
            try expect(log.runs[0].wasCancelled, "the handler is cancelled")
        }
        try expect(rig.recorder.settlements.allSatisfy { $0.entry.outcome != .done }, "it settles nothing")
    }

    /// A consumer dies by losing its connection: it settles, extends and releases nothing any more.
    @Sendable static func poison(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        let handled = HandledNeighbours()
        await (try await bench.join(stream, as: "first")).close()
        try await bench.publish([Message("poison")] + (0..<80).map { Message(Payload("\($0)")) }, to: stream)
        var letters: [InboundMessage] = []
        for life in 0..<12 where letters.isEmpty || handled.count < 80 {
            try await live(UInt64(life), in: stream, bench, handled)
            letters += try await bench.poll(reader)
        }
        try expect(letters.payloads, is: ["poison"], "the dead letters")
        try expect(letters.first?.message.headers["sb-reason"], is: "crashed", "the reason")
        try expect(handled.count, is: 80, "neighbours that were handled")
    }

    /// One life of a consumer: until the poison message ends it, or until there is nothing to do.
    private static func live(
        _ number: UInt64, in stream: StreamName, _ bench: ConformanceBench, _ handled: HandledNeighbours
    ) async throws {
        let faulty = FaultInjectingProvider(bench.provider)
        let options = ConsumerOptions(retry: RetryOptions(attempts: 3), concurrency: 16, prefetch: 64)
        let rig = try EngineRig(bench, stream: stream, options: options, drain: .zero, through: faulty, seed: number)
        rig.registry.handle(stream.text, group: "billing") { delivery in
            guard !faulty.faults.isCut else { throw CancellationError() }
            if delivery.message.payload == "poison" { return faulty.faults.cut() }
            await bench.time.pass(bench.visibility / 50)
            if !faulty.faults.isCut { handled.note(delivery.message.payload.string) }
        }
        try await rig.run {
            let end = bench.time.now + bench.takeover * 2
            while !faulty.faults.isCut, bench.time.now < end { await bench.time.pass(bench.visibility / 20) }
        }
        await bench.time.pass(bench.takeover)
    }

    /// The neighbours of a poison message that a handler has finished.
    private final class HandledNeighbours: Sendable {
        private let payloads = Mutex<Set<String>>([])

        var count: Int { payloads.withLock { $0.count } }

        func note(_ payload: String) {
            payloads.withLock { _ = $0.insert(payload) }
        }
    }

    @Sendable static func drain(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let rig = try EngineRig(bench, stream: stream, options: ConsumerOptions(concurrency: 1, prefetch: 20))
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) { await bench.time.pass(bench.visibility / 2) }
        }
        let ids = Mutex<[MessageID]>([])
        let failure = try await rig.run {
            let published = try await bench.publish(10, to: stream)
            ids.withLock { $0 = published }
            try await rig.wait(atMost: bench.takeover, for: "the handler to begin") { log.runs.count == 1 }
            await bench.time.pass(bench.visibility / 10)
        }
        try expect(failure == nil, "the drain ends in time, found \(failure.map { "\($0)" } ?? "")")
        try expect(log.runs.count, is: 1, "handlers that began")
        try expect(log.runs[0].wasCancelled, is: false, "whether it was cancelled")
        let next = try await bench.join(stream, as: "next")
        let rest = try await bench.collect(9, from: next, within: bench.visibility / 2 + .seconds(2))
        try expectExactly(bench.ids(of: rest), Array(ids.withLock { $0 }.dropFirst()), "what was handed back")
        try expect(rest.allSatisfy { $0.attempt == 1 }, "what has not begun is at attempt 1")
        try await bench.settle(rest, .ack, on: next)
        try await bench.expectNothing(from: next, for: bench.takeover, "what the handler finished")
    }

    @Sendable static func lateHandler(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let drain = LeaseTable.patience + bench.visibility / 5
        let rig = try EngineRig(bench, stream: stream, options: ConsumerOptions(), drain: drain)
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) {
                await bench.time.pass(bench.visibility * 50)
                try Task.checkCancellation()
            }
        }
        let failure = try await rig.run {
            try await bench.publish(1, to: stream)
            try await rig.wait(atMost: bench.takeover, for: "the handler to begin") { log.runs.count == 1 }
        }
        try expect(failure == nil, "the drain ends in time, found \(failure.map { "\($0)" } ?? "")")
        try expect(log.runs.map(\.wasCancelled), is: [true], "whether it was cancelled")
        let next = try await bench.join(stream, as: "next")
        let again = try await bench.collect(1, from: next, within: bench.visibility / 2 + .seconds(2))
        try expect(again.attempts, is: [1], "the attempt, refunded")
    }
}
