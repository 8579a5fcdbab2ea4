// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// The past given again, in memory and on virtual time.
@Suite struct ReplayTests {
    private static let copies = StreamConfiguration("copies", groups: [])

    private func broker(_ bench: EngineBench) throws -> Broker {
        try #require(bench.registry.broker("events"))
    }

    @Test func aRangeIsCopiedWithItsHeadersAndOrigin() async throws {
        let bench = try EngineBench(streams: [Self.copies])
        try await bench.run {
            let broker = try broker(bench)
            var ids: [MessageID] = []
            for number in 0..<600 {
                let message = Message(Payload("\(number)"), key: "k", headers: ["n": "\(number)"])
                ids.append(try await bench.registry.publish(message, to: "orders").id)
            }
            let report = try await broker.replay(ids[5]...ids[590], of: "orders", into: "copies")
            #expect(report.count == 586 && report.rest == nil && report.failure == nil)
            let copies = try await broker.range(.zero ... .maximum, of: "copies")
            #expect(copies.map(\.message.payload.string) == (5...590).map { "\($0)" })
            let first = try #require(copies.first?.message)
            #expect(first.key == "k" && first.headers["n"] == "5")
            #expect(first.headers[ReservedHeaders.originStream] == "orders")
            #expect(first.headers[ReservedHeaders.originID] == "\(ids[5])")
        }
    }

    @Test func largeBodiesAreCopiedAFewAtATime() async throws {
        let bench = try EngineBench(streams: [Self.copies])
        try await bench.run {
            let small = Payload("small")
            let large = Payload(String(repeating: "x", count: 1 << 20))
            for number in 0..<600 {
                let message = Message(number < 300 || number % 2 == 0 ? small : large)
                _ = try await bench.registry.publish(message, to: "orders")
            }
            let report = try await broker(bench).replay(.zero ... .maximum, of: "orders", into: "copies")
            #expect(report.count == 600 && report.rest == nil)
            let writes = bench.events.all.compactMap {
                if case .published(let event) = $0 { event.stored } else { nil }
            }
            #expect(writes.dropFirst(600).max() == 128, "small ones go many at a time")
            #expect(writes.suffix(10).allSatisfy { $0 <= 16 }, "\(writes.dropFirst(600))")
        }
    }

    @Test func aStreamCanBeCopiedIntoItself() async throws {
        let bench = try EngineBench()
        try await bench.run {
            try await bench.publish(numbers: 0..<300)
            let report = try await broker(bench).replay(.zero ... .maximum, of: "orders", into: "orders")
            #expect(report.count == 300 && report.rest == nil)
        }
    }

    @Test func whatAFailureLeavesIsCopiedByTheNextCall() async throws {
        let time = VirtualTime()
        let provider = ReplayedProvider(clock: time.clock, refusing: 3)
        let bench = try EngineBench(streams: [Self.copies], time: time, provider: provider)
        try await bench.run {
            try await bench.publish(numbers: 0..<700)
            let broker = try broker(bench)
            let first = try await broker.replay(.zero ... .maximum, of: "orders", into: "copies")
            #expect(first.count == 16 && first.failure?.code == .connection)
            let second = try await broker.replay(try #require(first.rest), of: "orders", into: "copies")
            #expect(second.count == 684 && second.rest == nil)
            let copies = try await broker.range(.zero ... .maximum, of: "copies")
            #expect(copies.map(\.message.payload.string) == (0..<700).map { "\($0)" })
        }
    }

    @Test func anUndeclaredDestinationIsRefused() async throws {
        let bench = try EngineBench(streams: [Self.copies])
        try await bench.run {
            for name: StreamName in ["copy", "~replies:x"] {
                let error = await #expect(throws: BrokerError.self) {
                    try await broker(bench).replay(.zero ... .maximum, of: "orders", into: name)
                }
                #expect(error?.code == .undeclaredStream)
            }
        }
    }

    @Test func aProviderThatCannotSaysSo() async throws {
        let time = VirtualTime()
        let bench = try EngineBench(streams: [Self.copies], time: time, provider: ScriptedProvider(clock: time.clock))
        let broker = try broker(bench)
        for attempt in [
            { _ = try await broker.replay(.zero ... .maximum, of: "orders", into: "copies") },
            { _ = try await broker.rewind("billing", of: "orders", to: .earliest) },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: BrokerError.self) { try await attempt() }
            #expect(error?.code == .unsupported)
        }
    }

    @Test func aRunningGroupIsGivenAgainWhatItHasHad() async throws {
        let bench = try EngineBench(.test())
        let seen = Journal<String>()
        bench.handle { seen.append($0.text) }
        try await bench.run {
            try await bench.publish("a", "b", "c", "d")
            await bench.pass(.seconds(1))
            let ids = try await broker(bench).range(.zero ... .maximum, of: "orders").map(\.id)
            try await broker(bench).rewind("billing", of: "orders", to: .after(ids[1]))
            await bench.pass(.seconds(1))
            #expect(seen.all.sorted() == ["a", "b", "c", "c", "d", "d"])
            #expect(try await bench.pending() == 0)
        }
    }

    /// What a handler has in hand when its group is rewound is not begun a second time beside it, and nothing is lost.
    @Test func aMessageInHandIsNotBegunTwiceByARewinding() async throws {
        let bench = try EngineBench(.test(visibility: .seconds(6)))
        let begun = Journal<String>()
        bench.handle { delivery in
            begun.append(delivery.text)
            await bench.pass(.seconds(20))
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(1))
            try await broker(bench).rewind("billing", of: "orders", to: .earliest)
            await bench.pass(.seconds(10))
            #expect(begun.all == ["a"])
            await bench.pass(.seconds(60))
            #expect(try await bench.pending() == 0)
            #expect(bench.events.leasesLost == 0)
        }
    }
}
