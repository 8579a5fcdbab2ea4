// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Synchronization
import Testing

@Suite struct VirtualBrokerTests {
    struct Declined: Error {}

    @Test func fiveFailuresWithinTwentyMinutesMakeADeadLetter() async throws {
        try await withVirtualBroker(stream: "orders", groups: "billing") { broker in
            try broker.handle("orders", group: "billing") { _ in throw Declined() }
            try await broker.publish(Message("one"), to: "orders")
            await broker.advance(by: .seconds(20 * 60))
            #expect(broker.attempts(in: "billing") == [1, 2, 3, 4, 5])
            #expect(broker.decisions(in: "billing") == [.retry, .retry, .retry, .retry, .deadLetter])
            let letters = try await broker.deadLetters(of: "orders")
            #expect(letters.map(\.message.payload) == ["one"])
            #expect(letters.first?.message.headers["sb-attempts"] == "5")
        }
    }

    @Test func thousandRetriesOverDaysTakeNoTime() async throws {
        let options = ConsumerOptions(retry: RetryOptions(attempts: 1000, backoff: .fixed, initial: .seconds(300)))
        let start = ContinuousClock.now
        try await withVirtualBroker(stream: "orders", groups: "billing", options: options) { broker in
            try broker.handle("orders", group: "billing") { _ in throw Declined() }
            try await broker.publish(Message("one"), to: "orders")
            await broker.advance(by: .seconds(300 * 1100))
            #expect(broker.attempts(in: "billing") == Array(1...1000))
        }
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    static let configuration = BrokersConfiguration(
        brokers: [BrokerConfiguration("memory", provider: "memory")],
        streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing")])])

    @Test func runsTheHandlersThatAnApplicationRecords() async throws {
        try await withVirtualBroker(
            Self.configuration, register: { $0.handle("orders", group: "billing") { _ in } }
        ) { broker in
            try await broker.publish(Message("one"), to: "orders")
            await broker.advance()
            #expect(broker.decisions(in: "billing") == [.ack])
        }
    }

    @Test func aRecordedHandlerThatDoesNotFitIsTheErrorOfTheTest() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await withVirtualBroker(
                Self.configuration, register: { $0.handle("orders", group: "biling") { _ in } }
            ) { _ in throw Declined() }
        }
        #expect(error?.description.contains("did you mean 'billing'?") == true)
    }

    @Test func aValueWithoutACodecSaysWhatToDo() async throws {
        try await withVirtualBroker(stream: "orders", groups: "billing") { broker in
            let error = await #expect(throws: BrokerError.self) { try await broker.publish(1, to: "orders") }
            #expect(error?.message == "no codec was given to withVirtualBroker: say codec: JSONMessageCodec()")
        }
    }

    @Test func nothingHappensBeforeItsTime() async throws {
        let retry = RetryOptions(backoff: .fixed, initial: .seconds(60), jitter: 0)
        try await withVirtualBroker(stream: "orders", groups: "billing", options: ConsumerOptions(retry: retry)) {
            broker in
            try broker.handle("orders", group: "billing") { _ in throw Declined() }
            try await broker.publish(Message("one"), to: "orders")
            await broker.advance()
            #expect(broker.attempts(in: "billing") == [1])
            await broker.advance(by: .seconds(59))
            #expect(broker.attempts(in: "billing") == [1])
            await broker.advance(by: .seconds(2))
            #expect(broker.attempts(in: "billing") == [1, 2])
        }
    }

    @Test func theSameSeedGivesTheSameHistory() async throws {
        let histories = [try await history(seed: 5), try await history(seed: 5), try await history(seed: 6)]
        #expect(histories[0] == histories[1])
        #expect(histories[0] != histories[2])
    }

    /// What three groups did with thirty messages, some of which fail, as text.
    private func history(seed: UInt64) async throws -> [String] {
        let groups: [GroupName] = ["a", "b", "c"]
        let configuration = BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: "redis-streams")],
            streams: [StreamConfiguration("orders", groups: groups.map { GroupConfiguration($0) })])
        return try await withVirtualBroker(configuration, seed: seed) { broker in
            for group in groups {
                try broker.handle("orders", group: group) { delivery in
                    if delivery.id.sequence % 3 == 0, delivery.attempt < 3 { throw Declined() }
                }
            }
            for number in 0..<30 { try await broker.publish(Message(Payload("\(number)")), to: "orders") }
            await broker.advance(by: .seconds(3600))
            return broker.recorder.settlements.map {
                "\($0.consumer.group) \($0.entry.receipt) \($0.entry.kind) \($0.entry.attempt)"
            }
        }
    }

    @Test func aTestThatWaitsForEverIsReported() async throws {
        let time = VirtualTime()
        let error = await #expect(throws: VirtualTimeStalled.self) {
            try await time.run { await WakeSignal().waitUnlessCancelled() }
        }
        #expect(
            error?.description
                == "virtual time stalled 1000 s after the clock's origin: tasks wait for ever, for each other, or in "
                + "real time (Task.sleep, other threads), which virtual time does not see; wait with the clock of the "
                + "test: 'await time.pass(.seconds(3))'")
    }

    @Test func aHandlerThatSleepsInRealTimeIsNamed() async throws {
        let error = await #expect(throws: HandlerOffTheClock.self) {
            try await withVirtualBroker(stream: "orders", groups: "billing", "audit") { broker in
                try broker.handle("orders", group: "billing") { _ in try await Task.sleep(for: .seconds(3600)) }
                try broker.handle("orders", group: "audit") { _ in await broker.time.pass(.seconds(3600)) }
                try await broker.publish(Message("one"), to: "orders")
                await broker.advance(by: .seconds(60))
                #expect(broker.decisions(in: "billing") == [])
            }
        }
        #expect(
            error?.description
                == "the handler of 'orders' in group 'billing' still ran when the test ended, and did not wait on the clock "
                + "of the test: virtual time does not see Task.sleep, nor work on other threads; give the handler its "
                + "clock, and wait with 'await broker.time.pass(.seconds(3))'")
    }

    @Test func errorsOfTheBodyComeOut() async throws {
        await #expect(throws: Declined.self) {
            try await withVirtualBroker(stream: "orders", groups: "billing") { _ in throw Declined() }
        }
    }

    @Test func aHandlerForAnUndeclaredStreamIsRefused() async throws {
        try await withVirtualBroker(stream: "orders", groups: "billing") { broker in
            #expect(throws: ConfigurationError.self) {
                try broker.handle("odrers", group: "billing") { _ in }
            }
        }
    }
}
