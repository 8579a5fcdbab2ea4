// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Streams at several places, such as the nodes of a cluster.
@Suite(.timeLimit(.minutes(1))) struct PublishPlacesTests {
    private static let streams = [
        StreamConfiguration("east.*"), StreamConfiguration("west.*"),
        StreamConfiguration("east-ledger", durability: DurabilityPolicy(replicas: 1, timeout: .seconds(1))),
    ]

    private func scene(hasPlaces: Bool = true) throws -> (bench: EngineBench, provider: PlacedProvider) {
        let time = VirtualTime()
        let provider = PlacedProvider(clock: time.clock, hasPlaces: hasPlaces)
        return (try EngineBench(streams: Self.streams, time: time, provider: provider), provider)
    }

    private func streams(_ provider: PlacedProvider) -> [[String]] {
        provider.base.publishing.requests.map { $0.entries.map(\.stream.text) }
    }

    @Test func whileOnePlaceIsSilentTheOthersGoOn() async throws {
        let (bench, provider) = try scene()
        let gate = CallGate()
        provider.base.publishing.next(.held(gate, then: .usual))
        let stored = Journal<String>()
        let publish: @Sendable (String) async throws -> Void = { stream in
            try await bench.registry.publish("x", to: StreamName(stream))
            stored.append(stream)
        }
        try await bench.time.run {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await publish("east.1") }
                await bench.pass(.milliseconds(1))
                group.addTask { try await publish("east.2") }
                for number in 0..<3 { try await publish("west.\(number)") }
                #expect(stored.all == ["west.0", "west.1", "west.2"])
                gate.open()
            }
        }
        #expect(streams(provider) == [["east.1"], ["west.0"], ["west.1"], ["west.2"], ["east.2"]])
    }

    @Test func aBatchIsDividedAndItsResultsStandInTheOrderOfItsMessages() {
        let streams: [StreamName] = ["east.1", "west.1", "east.2", "west.1", "east.1"]
        let asked = Journal<StreamName>()
        let division = PublishDivision(streams.map { PublishBatch.Entry(stream: $0, message: Message("x")) }) {
            stream in
            asked.append(stream)
            // The map changes meanwhile.
            return .init(place: stream.text.hasPrefix("east") ? 1 : 1 + asked.all.count, isReplicated: false)
        }
        #expect(asked.all == ["east.1", "west.1", "east.2"])
        #expect(division.only == nil)
        let parts = division.parts.sorted { $0.destination.place < $1.destination.place }
        #expect(parts.map { $0.positions } == [[0, 2, 4], [1, 3]])
        func receipts(_ numbers: [Int]) -> [Result<PublishReceipt, BrokerError>] {
            numbers.map { .success(PublishReceipt(id: MessageID(milliseconds: UInt64($0), sequence: 0))) }
        }
        let joined = PublishDivision.join(parts.map { ($0.positions, receipts($0.positions)) }, count: 6)
        #expect(joined.map { try? $0.get().id.milliseconds } == [0, 1, 2, 3, 4, nil])
    }

    @Test func whatWaitsForReplicasHasAWriteOfItsOwnAtEachPlace() async throws {
        let (bench, provider) = try scene()
        let gate = CallGate()
        provider.base.publishing.next(.held(gate, then: .usual))
        try await bench.time.run {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await bench.registry.publish("slow", to: "east-ledger") }
                await bench.pass(.milliseconds(1))
                try await bench.registry.publish("quick", to: "east.1")
                gate.open()
            }
        }
        #expect(streams(provider) == [["east-ledger"], ["east.1"]])
    }

    @Test func aProviderWithOnePlaceIsNotAsked() async throws {
        let (bench, provider) = try scene(hasPlaces: false)
        try await bench.time.run { _ = try await bench.registry.publish("x", to: "east.1") }
        #expect(provider.asked.all.isEmpty)
    }
}
