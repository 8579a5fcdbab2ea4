// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct PublishStationTests {
    private func scripted() throws -> (EngineBench, ScriptedProvider) {
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        return (try EngineBench(time: time, provider: provider), provider)
    }

    @Test func publishersThatWaitShareTheNextWrite() async throws {
        let (bench, provider) = try scripted()
        let gate = CallGate()
        let ids = Journal<(Int, UInt64)>()
        provider.publishing.next(.held(gate, then: .usual))
        try await bench.time.run {
            try await withThrowingDiscardingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        let id = try await bench.registry.publish(Message(Payload("\(number)")), to: "orders").id
                        ids.append((number, id.milliseconds))
                    }
                }
                await bench.pass(.seconds(1))
                #expect(provider.publishing.requests.map(\.entries.count) == [1])
                gate.open()
            }
        }
        #expect(provider.publishing.requests.map(\.entries.count) == [1, 19])
        let stored = provider.publishing.requests.flatMap { $0.entries.map(\.message.payload.string) }
        for (number, id) in ids.all { #expect(stored[Int(id) - 1] == "\(number)", "each is told its own id") }
    }

    /// A provider that waits for a server that is away counts it among the time that a publish may wait.
    @Test func theProviderIsToldHowLongAPublisherHasWaited() async throws {
        let (bench, provider) = try scripted()
        let gate = CallGate()
        provider.publishing.next(.held(gate, then: .usual))
        try await bench.time.run {
            try await withThrowingDiscardingTaskGroup { group in
                for number in 0..<4 {
                    group.addTask { try await bench.registry.publish(Message(Payload("\(number)")), to: "orders") }
                    await bench.pass(.seconds(number == 2 ? 5 : 1))
                }
                gate.open()
            }
        }
        #expect(provider.publishing.requests.map(\.entries.count) == [1, 2, 1])
        #expect(provider.publishing.requests.map(\.waited) == [.zero, .seconds(7), .seconds(1)])
    }

    @Test func headersCountAmongWhatWaits() async throws {
        let (bench, provider) = try scripted()
        let gate = CallGate()
        let refused = Journal<Int>()
        provider.publishing.next(.held(gate, then: .usual))
        let message = Message("", headers: ["trace": String(repeating: "x", count: 16_000)])
        let batch = Array(repeating: message, count: 1000)
        try await bench.time.run {
            await withDiscardingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        let results = await bench.registry.publish(batch: batch, to: "orders")
                        refused.append(results.count { (try? $0.get()) == nil })
                    }
                }
                await bench.pass(.seconds(1))
                gate.open()
            }
        }
        #expect(refused.all.count { $0 == 1000 } == 3, "one is written, four of 16 MB wait")
    }

    @Test func whatMayWaitIsBoundedAndTheRestIsRefused() async throws {
        let (bench, provider) = try scripted()
        let gate = CallGate()
        let codes = Journal<BrokerError.Code?>()
        provider.publishing.next(.held(gate, then: .usual))
        let big = Message([UInt8](repeating: 0, count: 1 << 20))
        try await bench.time.run {
            await withDiscardingTaskGroup { group in
                for _ in 0..<80 {
                    group.addTask {
                        do throws(BrokerError) {
                            try await bench.registry.publish(big, to: "orders")
                            codes.append(nil)
                        } catch { codes.append(error.code) }
                    }
                }
                await bench.pass(.seconds(1))
                #expect(codes.all == Array(repeating: .overloaded, count: 16))
                gate.open()
            }
        }
        #expect(codes.all.count { $0 == nil } == 64)
    }

    /// Who leads the next write writes for others, and does so although it was cancelled meanwhile.
    @Test func aCancelledPublisherFailsNobodyElse() async throws {
        let (bench, provider) = try scripted()
        let gates = [CallGate(), CallGate()]
        provider.publishing.next(.held(gates[0], then: .usual), .held(gates[1], then: .usual))
        let results = Journal<(String, BrokerError.Code?)>()
        let publish: @Sendable (String) async -> Void = { text in
            do throws(BrokerError) {
                try await bench.registry.publish(Message(Payload(text)), to: "orders")
                results.append((text, nil))
            } catch { results.append((text, error.code)) }
        }
        try await bench.time.run {
            await withDiscardingTaskGroup { others in
                await withDiscardingTaskGroup { cancelled in
                    others.addTask { await publish("first") }
                    await bench.pass(.seconds(1))
                    cancelled.addTask { await publish("leader") }
                    await bench.pass(.seconds(1))
                    others.addTask { await publish("follower") }
                    await bench.pass(.seconds(1))
                    gates[0].open()
                    await bench.pass(.seconds(1))
                    others.addTask { await publish("later") }
                    cancelled.addTask { await publish("withdrawn") }
                    await bench.pass(.seconds(1))
                    cancelled.cancelAll()
                    await bench.pass(.seconds(1))
                    #expect(results.all.map(\.0) == ["first", "withdrawn"], "and who waits need not wait for a write")
                    gates[1].open()
                }
            }
            await withDiscardingTaskGroup { group in
                group.cancelAll()
                group.addTask { await publish("late") }
            }
        }
        let codes = Dictionary(uniqueKeysWithValues: results.all)
        #expect(
            codes == [
                "first": nil, "leader": nil, "follower": nil, "later": nil, "withdrawn": .cancelled, "late": .cancelled,
            ])
        let stored = provider.publishing.requests.map { $0.entries.map(\.message.payload.string) }
        #expect(stored == [["first"], ["leader", "follower"], ["later"]])
    }

    @Test func aMessageThatBreaksARuleFailsAloneAndTheOthersAreStored() async throws {
        let (bench, provider) = try scripted()
        let messages: [Message] = [Message("a"), Message("b", headers: ["data": "x"]), Message("c")]
        let results = try await bench.time.run { await bench.registry.publish(batch: messages, to: "orders") }
        #expect(results.map { (try? $0.get())?.id.milliseconds } == [1, nil, 2])
        #expect(provider.publishing.requests.map(\.entries.count) == [2])
    }

    @Test func anUndeclaredStreamIsRefusedWithASuggestion() async throws {
        let (bench, provider) = try scripted()
        let error = await #expect(throws: BrokerError.self) {
            try await bench.registry.publish(Message("a"), to: "order")
        }
        #expect(
            error?.description
                == "undeclaredStream: the configuration declares no stream 'order'; did you mean 'orders'?")
        #expect(provider.publishing.requests.isEmpty)
    }
}
