// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// A publish with a timeout of its own: what is told when the time is over, and that nobody else is affected.
@Suite(.timeLimit(.minutes(1))) struct PublishTimeoutTests {
    private struct Outcome: Equatable {
        var code: BrokerError.Code?
        var effect: BrokerError.Effect?
        var seconds: Int64
    }

    /// A provider whose first write takes until the gate opens, and what each caller was told.
    private struct Scene: Sendable {
        let bench: EngineBench
        let provider: ScriptedProvider
        let outcomes = Journal<(String, Outcome)>()

        init() throws {
            let time = VirtualTime()
            provider = ScriptedProvider(clock: time.clock)
            bench = try EngineBench(time: time, provider: provider)
        }

        func publish(_ text: String, timeout: Duration? = nil) async {
            let began = bench.time.clock.now
            var outcome = Outcome(seconds: 0)
            do throws(BrokerError) {
                try await bench.registry.publish(Message(Payload(text)), to: "orders", timeout: timeout)
            } catch {
                (outcome.code, outcome.effect) = (error.code, error.effect)
            }
            outcome.seconds = (bench.time.clock.now - began).components.seconds
            outcomes.append((text, outcome))
        }

        var told: [String: Outcome] { Dictionary(uniqueKeysWithValues: outcomes.all) }
        var written: [[String]] { provider.publishing.requests.map { $0.entries.map(\.message.payload.string) } }
    }

    @Test func whoseWriteHasNotBegunIsToldThatNothingIsStored() async throws {
        let scene = try Scene()
        let gate = CallGate()
        scene.provider.publishing.next(.held(gate, then: .usual))
        try await scene.bench.time.run {
            await withDiscardingTaskGroup { group in
                group.addTask { await scene.publish("first") }
                await scene.bench.pass(.seconds(1))
                group.addTask { await scene.publish("hurried", timeout: .seconds(2)) }
                group.addTask { await scene.publish("patient") }
                await scene.bench.pass(.seconds(10))
                gate.open()
            }
        }
        #expect(
            scene.told == [
                "first": Outcome(seconds: 11),
                "hurried": Outcome(code: .timeout, effect: .notApplied, seconds: 2),
                "patient": Outcome(seconds: 10),
            ])
        #expect(scene.written == [["first"], ["patient"]])
    }

    @Test func whoseMessageIsBeingWrittenIsToldThatNobodyKnows() async throws {
        let scene = try Scene()
        let gates = [CallGate(), CallGate()]
        scene.provider.publishing.next(.held(gates[0], then: .usual), .held(gates[1], then: .usual))
        try await scene.bench.time.run {
            await withDiscardingTaskGroup { group in
                group.addTask { await scene.publish("first") }
                await scene.bench.pass(.seconds(1))
                group.addTask { await scene.publish("hurried", timeout: .seconds(5)) }
                group.addTask { await scene.publish("patient") }
                group.addTask { await scene.publish("less hurried", timeout: .seconds(60)) }
                await scene.bench.pass(.seconds(1))
                gates[0].open()
                await scene.bench.pass(.seconds(10))
                gates[1].open()
            }
        }
        #expect(
            scene.told == [
                "first": Outcome(seconds: 2),
                "hurried": Outcome(code: .timeout, effect: .unknown, seconds: 5),
                "patient": Outcome(seconds: 11),
                "less hurried": Outcome(seconds: 11),
            ])
        #expect(scene.written.map { $0.sorted() } == [["first"], ["hurried", "less hurried", "patient"]])
    }

    /// The provider bounds the write of who leads: the most patient of those whose messages it contains.
    @Test func theProviderIsToldHowLongTheWriteMayTake() async throws {
        let scene = try Scene()
        let gate = CallGate()
        scene.provider.publishing.next(.held(gate, then: .usual))
        try await scene.bench.time.run {
            await withDiscardingTaskGroup { group in
                group.addTask { await scene.publish("first", timeout: .seconds(20)) }
                await scene.bench.pass(.seconds(1))
                group.addTask { await scene.publish("hurried", timeout: .seconds(5)) }
                group.addTask { await scene.publish("patient", timeout: .seconds(9)) }
                await scene.bench.pass(.seconds(2))
                gate.open()
            }
            await scene.publish("alone")
        }
        #expect(scene.provider.publishing.requests.map(\.limit) == [.seconds(20), .seconds(7), nil])
    }

    @Test func theMessagesOfABatchShareOneTimeout() async throws {
        let scene = try Scene()
        let gate = CallGate()
        scene.provider.publishing.next(.held(gate, then: .usual))
        let errors = Journal<String>()
        try await scene.bench.time.run {
            await withDiscardingTaskGroup { group in
                group.addTask { await scene.publish("first") }
                await scene.bench.pass(.seconds(1))
                for result in await scene.bench.registry.publish(
                    batch: [Message("a"), Message("b")], to: "orders", timeout: .seconds(1))
                {
                    if case .failure(let error) = result { errors.append("\(error)") }
                }
                gate.open()
            }
        }
        #expect(
            errors.all
                == Array(
                    repeating: "timeout: no write began within the publish's timeout, and the message was not stored",
                    count: 2))
    }
}
