// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// Handlers over the provider: how they end, and in which order they run.
enum HandlingChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "a failing handler is tried as often as the policy says, then its message is a dead letter",
            needs: .redelivery, attempts),
        ConformanceCheck("a rejected message is a dead letter at once", needs: .redelivery, rejection),
        ConformanceCheck("ordering: none runs handlers in parallel", needs: .redelivery, parallel),
        ConformanceCheck(
            "ordering: key keeps the order of a key, also through retries", needs: [.redelivery, .ordered], byKey),
        ConformanceCheck(
            "ordering: stream runs one at a time, also through retries", needs: [.redelivery, .ordered], byStream),
        ConformanceCheck("a handler that takes too long is cancelled and tried again", needs: .redelivery, deadline),
        ConformanceCheck(
            "settlements whose reply is lost are sent again, and nothing runs twice", needs: .redelivery, lostReply),
    ]

    @Sendable static func attempts(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let delay = bench.visibility / 3
        let retry = RetryOptions(attempts: 3, backoff: .fixed, initial: delay, jitter: 0)
        let rig = try EngineRig(bench, stream: stream, options: ConsumerOptions(retry: retry))
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) { throw HandlerFailure() }
        }
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        try await rig.run {
            try await rig.registry.publish(Message("one"), to: stream)
            let letter = try await bench.collect(1, from: reader, within: delay * 4 + bench.takeover)[0].message
            try expect(letter.headers["sb-reason"], is: "attempts", "the reason")
            try expect(letter.headers["sb-attempts"], is: "3", "the attempts of the dead letter")
            try expect(log.runs.map(\.attempt), is: [1, 2, 3], "the attempts of the handler")
            for (earlier, later) in zip(log.runs, log.runs.dropFirst()) {
                let pause = later.began - earlier.began
                try expect(pause >= delay - bench.time.tolerance, "tried again after \(pause) instead of \(delay)")
            }
        }
    }

    @Sendable static func rejection(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let rig = try EngineRig(bench, stream: stream, options: ConsumerOptions())
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) { throw Reject("unwanted") }
        }
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        try await rig.run {
            try await rig.registry.publish(Message("one", headers: ["a": "b"]), to: stream)
            let letter = try await bench.collect(1, from: reader)[0].message
            try expect(letter.headers["sb-reason"], is: "rejected", "the reason")
            try expect(letter.payload == "one" && letter.headers["a"] == "b", "the message is whole")
            try expect(log.runs.map(\.attempt), is: [1], "the attempts of the handler")
        }
    }

    @Sendable static func parallel(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let rig = try EngineRig(bench, stream: stream, options: ConsumerOptions(concurrency: 4))
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) { await bench.time.pass(bench.visibility / 5) }
        }
        try await rig.run {
            try await bench.publish(8, to: stream)
            try await rig.wait(atMost: bench.takeover, for: "eight handlers") { log.ended.count == 8 }
            try expect(log.most, is: 4, "handlers that ran at once at concurrency 4")
        }
    }

    private static let retriesAtOnce = RetryOptions(attempts: 5, backoff: .fixed, initial: .zero, jitter: 0)

    @Sendable static func byKey(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let retry = RetryOptions(attempts: 5, backoff: .fixed, initial: bench.visibility / 2, jitter: 0)
        let options = ConsumerOptions(retry: retry, concurrency: 8, ordering: .key)
        let rig = try EngineRig(bench, stream: stream, options: options)
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) {
                if delivery.message.payload == "key 0: 2", delivery.attempt < 3 { throw HandlerFailure() }
            }
        }
        let messages = (0..<60).map { Message(Payload("key \($0 % 6): \($0 / 6)"), key: "key \($0 % 6)") }
        try await rig.run {
            try await bench.publish(messages, to: stream)
            try await rig.wait(atMost: bench.takeover * 4, for: "all handlers") { log.ended.count == 62 }
        }
        for key in 0..<6 {
            let found = log.runs.map(\.payload).filter { $0.hasPrefix("key \(key):") }
            var expected = (0..<10).map { "key \(key): \($0)" }
            if key == 0 { expected.insert(contentsOf: ["key 0: 2", "key 0: 2"], at: 2) }
            try expect(found, is: expected, "the order of key \(key)")
        }
        let failed = log.runs.filter { $0.payload == "key 0: 2" }
        let others = log.runs.filter { !$0.payload.hasPrefix("key 0") }
        let isHeldUp = others.contains { $0.began > failed[1].began }
        try expect(!isHeldUp, "messages of other keys do not wait for the retry")
    }

    @Sendable static func byStream(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let options = ConsumerOptions(retry: retriesAtOnce, concurrency: 8, ordering: .stream)
        let rig = try EngineRig(bench, stream: stream, options: options)
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) {
                await bench.time.pass(bench.visibility / 100)
                if delivery.message.payload == "2", delivery.attempt < 3 { throw HandlerFailure() }
            }
        }
        try await rig.run {
            try await bench.publish(6, to: stream)
            try await rig.wait(atMost: bench.takeover * 4, for: "all handlers") { log.ended.count == 8 }
        }
        try expect(log.runs.map(\.payload), is: ["0", "1", "2", "2", "2", "3", "4", "5"], "the order of the stream")
        try expect(log.most, is: 1, "handlers that ran at once")
    }

    @Sendable static func deadline(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let options = ConsumerOptions(timeout: bench.visibility / 3, retry: retriesAtOnce)
        let rig = try EngineRig(bench, stream: stream, options: options)
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) {
                if delivery.attempt == 1 { await bench.time.pass(bench.visibility * 5) }
                try Task.checkCancellation()
            }
        }
        try await rig.run {
            try await bench.publish(1, to: stream)
            try await rig.wait(atMost: bench.takeover * 2, for: "the second attempt") { log.ended.count == 2 }
            try expect(log.runs.map(\.attempt), is: [1, 2], "the attempts")
            try expect(log.runs.map(\.wasCancelled), is: [true, false], "which were cancelled")
        }
    }

    @Sendable static func lostReply(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let log = HandlerLog(bench)
        let faulty = FaultInjectingProvider(bench.provider)
        let rig = try EngineRig(bench, stream: stream, options: ConsumerOptions(), through: faulty)
        rig.registry.handle(stream.text, group: "billing") { delivery in try await log.note(delivery) {} }
        faulty.faults.inject(.loseReply, at: .settle, times: 2)
        faulty.faults.inject(.refuse, at: .settle, times: 1)
        try await rig.run {
            try await bench.publish(20, to: stream)
            try await rig.wait(atMost: bench.takeover * 3 + .seconds(5), for: "all settlements") {
                rig.recorder.settlements.count == 20
            }
            await bench.time.pass(bench.takeover)
        }
        try expect(log.runs.count, is: 20, "handlers that ran")
        try expect(rig.recorder.settlements.allSatisfy { $0.entry.kind == .ack }, "everything is acknowledged")
    }
}
