// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Dead letters that are put back to the one group that gave them up, in memory and on virtual time.
@Suite struct DeadLetterReplayTests {
    private static let parcels = StreamConfiguration(
        "parcels", groups: [GroupConfiguration("billing"), GroupConfiguration("audit")])

    private func broker(_ bench: EngineBench) throws -> Broker {
        try #require(bench.registry.broker("events"))
    }

    /// Stores dead letters of a group, as the framework writes them.
    @discardableResult
    private func bury(
        _ bodies: [String], _ reason: DeadLetterNote.Reason = .attempts, error: String = "failed",
        of stream: StreamName = "orders", group: GroupName = "billing", in bench: EngineBench
    ) async throws -> [MessageID] {
        let entries = bodies.map { body in
            let request = SubscriptionRequest(.stream(stream), group: group, consumer: "one")
            let receipt = Receipt(stream: stream, id: .zero, epoch: 0, token: 1)
            let note = DeadLetterNote(reason: reason, error: error, attempts: 3)
            let letter = Message(Payload(body)).deadLetter(
                of: receipt, for: request, note, at: bench.time.clock.timestamp)
            return PublishBatch.Entry(stream: "{orders}:dead", message: letter)
        }
        return try await bench.provider.publish(PublishBatch(entries)).map { try $0.get().id }
    }

    private func bodies(in stream: StreamName, _ bench: EngineBench) async throws -> [String] {
        try await bench.stored(in: stream).map(\.message.payload.string)
    }

    @Test func theGroupThatGaveUpGetsItAgainAndNoOther() async throws {
        let bench = try EngineBench(streams: [Self.parcels])
        let (billed, audited) = (Journal<Delivery>(), Journal<String>())
        bench.registry.handle("parcels", group: "billing") { delivery in
            billed.append(delivery)
            if delivery.replays < 2 { throw Reject("no") }
        }
        bench.registry.handle("parcels", group: "audit") { audited.append($0.text) }
        try await bench.run {
            let original = Message("body", key: "k", headers: ["trace": "1"])
            let id = try await bench.registry.publish(original, to: "parcels").id
            for _ in 1...2 {
                await bench.pass(.seconds(1))
                let report = try await broker(bench).replayDeadLetters(of: "parcels", for: "billing")
                #expect((report.replayed, report.skipped) == (1, 0))
                #expect(report.rest == nil && report.failure == nil)
            }
            await bench.pass(.seconds(1))
            #expect(billed.all.map(\.replays) == [0, 1, 2])
            #expect(billed.all.map(\.attempt) == [1, 1, 1])
            let last = try #require(billed.all.last).message
            #expect(last.payload == original.payload && last.key == "k")
            let names = ["trace", "sb-origin-stream", "sb-origin-id", "sb-replays", "sb-only-group"]
            #expect(last.headers.map(\.name) == names)
            #expect(last.headers["sb-replays"] == "2" && last.headers["sb-only-group"] == "billing")
            #expect(billed.all[1].message.headers["sb-origin-id"] == "\(id)")
            #expect(audited.all == ["body"])
            #expect(try await bench.deadLetters(of: "parcels").isEmpty)
            let groups = try await bench.registry.stats().first { $0.stream == "parcels" }?.groups ?? []
            #expect(groups.map(\.pending) == [0, 0] && groups.map(\.lag) == [0, 0])
        }
    }

    @Test func aFilterChoosesByIDReasonAndErrorAndALimitEndsTheCall() async throws {
        let bench = try EngineBench()
        try await bench.run {
            let ids = try await bury(["a", "b"], .attempts, error: "Timeout: no reply", in: bench)
            try await bury(["c", "d"], .undecodable, error: "the body is no Order", in: bench)
            try await bury(["e"], .rejected, error: "Timeout: never", in: bench)
            let broker = try broker(bench)
            let replay = { (filter: DeadLetterFilter, limit: Int) in
                let report = try await broker.replayDeadLetters(
                    of: "orders", for: "billing", matching: filter, limit: limit)
                return (report.replayed, report.skipped, report.rest == nil)
            }
            #expect(try await replay(DeadLetterFilter(ids: [ids[1]]), .max) == (1, 0, true))
            #expect(try await bodies(in: "orders", bench) == ["b"])
            #expect(try await replay(DeadLetterFilter(reasons: [.undecodable]), 1) == (1, 1, false))
            #expect(try await bodies(in: "orders", bench) == ["b", "c"])
            #expect(try await replay(DeadLetterFilter(error: "Timeout"), .max) == (2, 1, true))
            #expect(try await bodies(in: "orders", bench) == ["b", "c", "a", "e"])
            #expect(try await replay(DeadLetterFilter(ids: []), .max) == (0, 0, true))
            #expect(try await replay(DeadLetterFilter(), 0) == (0, 0, false))
            #expect(try await bodies(in: "{orders}:dead", bench) == ["d"])
        }
    }

    @Test func whatOthersGaveUpStays() async throws {
        let bench = try EngineBench()
        try await bench.run {
            try await bury(["other group"], group: "audit", in: bench)
            try await bury(["other stream"], of: "parcels", in: bench)
            _ = await bench.provider.publish(
                PublishBatch([.init(stream: "{orders}:dead", message: Message("a stranger's"))]))
            try await bury(["mine"], in: bench)
            let report = try await broker(bench).replayDeadLetters(of: "orders", for: "billing")
            #expect((report.replayed, report.skipped) == (1, 3))
            #expect(try await bodies(in: "orders", bench) == ["mine"])
            #expect(try await bodies(in: "{orders}:dead", bench) == ["other group", "other stream", "a stranger's"])
        }
    }

    @Test func aCallWhoseReplyIsLostIsRepeatedWithoutLossAndWithoutDoubles() async throws {
        let time = VirtualTime()
        let bench = try EngineBench(time: time, provider: MovingProvider(clock: time.clock, losing: 3))
        try await bench.run {
            let texts = (0..<700).map { "\($0)" }
            try await bury(texts, in: bench)
            let broker = try broker(bench)
            let first = try await broker.replayDeadLetters(of: "orders", for: "billing")
            #expect(first.replayed == 16 + 32 && first.failure?.code == .timeout && first.rest != nil)
            let second = try await broker.replayDeadLetters(of: "orders", for: "billing")
            #expect(second.replayed == 700 - 16 - 32 - 64 && second.failure == nil && second.rest == nil)
            #expect(try await bodies(in: "orders", bench) == texts)
            #expect(try await bodies(in: "{orders}:dead", bench).isEmpty)
        }
    }

    @Test func aCallThatIsCancelledIsRepeatedWithoutLossAndWithoutDoubles() async throws {
        let time = VirtualTime()
        let provider = MovingProvider(clock: time.clock) { if $0 == 2 { withUnsafeCurrentTask { $0?.cancel() } } }
        let bench = try EngineBench(time: time, provider: provider)
        try await bench.run {
            let texts = (0..<700).map { "\($0)" }
            try await bury(texts, in: bench)
            let broker = try broker(bench)
            async let interrupted = broker.replayDeadLetters(of: "orders", for: "billing")
            let first = try await interrupted
            #expect(first.replayed == 16 + 32 && first.failure == nil && first.rest != nil)
            let second = try await broker.replayDeadLetters(of: "orders", for: "billing")
            #expect(second.replayed == 700 - 16 - 32 && second.rest == nil)
            #expect(try await bodies(in: "orders", bench) == texts)
        }
    }

    @Test func aCopyForAnotherStreamIsForEveryGroup() async throws {
        let bench = try EngineBench(streams: [Self.parcels])
        let seen = Journal<String>()
        bench.registry.handle("parcels", group: "audit") { seen.append($0.text) }
        try await bench.run {
            try await bury(["a"], in: bench)
            _ = try await broker(bench).replayDeadLetters(of: "orders", for: "billing")
            _ = try await broker(bench).replay(.zero ... .maximum, of: "orders", into: "parcels")
            await bench.pass(.seconds(1))
            #expect(seen.all == ["a"])
            #expect(try await bench.stored(in: "parcels")[0].message.headers["sb-only-group"] == nil)
        }
    }

    @Test func whatCannotBeDoneIsSaid() async throws {
        let bench = try EngineBench()
        let replay = { (broker: Broker, stream: StreamName, group: GroupName) async -> String in
            do throws(BrokerError) {
                _ = try await broker.replayDeadLetters(of: stream, for: group)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(
            await replay(try broker(bench), "order", "billing")
                == "undeclaredStream: the configuration declares no stream 'order' of broker 'events'; did you mean "
                + "'orders'?")
        #expect(
            await replay(try broker(bench), "orders", "biling")
                == "undeclaredGroup: the configuration declares no group 'biling' of stream 'orders'; did you mean "
                + "'billing'?")
        let time = VirtualTime()
        let scripted = try EngineBench(time: time, provider: ScriptedProvider(clock: time.clock))
        #expect(
            await replay(try broker(scripted), "orders", "billing")
                == "unsupported: the provider 'fixed' of broker 'events' cannot put dead letters back; let a group of "
                + "'{orders}:dead' handle them")
    }
}
