// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Streams whose publishes wait for replicas.
@Suite(.timeLimit(.minutes(1))) struct DurabilityTests {
    private static let policy = DurabilityPolicy(replicas: 1, timeout: .seconds(1))
    private static let short = BrokerError.underReplicated(
        PublishReceipt(id: MessageID(milliseconds: 7, sequence: 0), replicas: 0), in: "ledger", policy, isOnDisk: false)

    private func scene() throws -> (bench: EngineBench, provider: ScriptedProvider) {
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let ledger = StreamConfiguration("ledger", durability: Self.policy)
        return (try EngineBench(streams: [ledger], time: time, provider: provider), provider)
    }

    /// The message is there; another attempt could only double it, or keep the caller waiting.
    @Test(arguments: [nil, "entry-1"] as [DeduplicationID?])
    func whatIsStoredAndNotConfirmedIsToldAtOnce(_ id: DeduplicationID?) async throws {
        let (bench, provider) = try scene()
        provider.publishing.next(.failure(Self.short))
        try await bench.time.run {
            do throws(BrokerError) {
                try await bench.registry.publish("x", to: "ledger", id: id)
                Issue.record("it was taken for confirmed")
            } catch {
                #expect(error.code == .underReplicated)
                #expect(error.receipt == PublishReceipt(id: MessageID(milliseconds: 7, sequence: 0), replicas: 0))
            }
        }
        #expect(provider.publishing.requests.count == 1)
        #expect(bench.elapsed == .zero)
        let counts = bench.events.all.compactMap { if case .published(let event) = $0 { event } else { nil } }
        #expect(counts.map { [$0.stored, $0.underReplicated, $0.failed] } == [[1, 1, 0]])
    }

    @Test func nobodyElseWaitsWithThem() async throws {
        let (bench, provider) = try scene()
        let gate = CallGate()
        provider.publishing.next(.held(gate, then: .usual))
        let stored = Journal<String>()
        try await bench.time.run {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    try await bench.registry.publish("slow", to: "ledger")
                    stored.append("slow")
                }
                await bench.pass(.milliseconds(1))
                try await bench.registry.publish("quick", to: "orders")
                stored.append("quick")
                group.addTask {
                    try await bench.registry.publish("behind", to: "ledger")
                    stored.append("behind")
                }
                await bench.pass(.milliseconds(1))
                #expect(stored.all == ["quick"])
                gate.open()
            }
        }
        #expect(stored.all.sorted() == ["behind", "quick", "slow"])
        #expect(
            provider.publishing.requests.map { $0.entries.map(\.message.payload.string) } == [
                ["slow"], ["quick"], ["behind"],
            ])
    }

    @Test func theErrorSaysWhatIsMissing() {
        func text(_ replicas: Int?, _ policy: DurabilityPolicy, isOnDisk: Bool = false) -> String {
            BrokerError.underReplicated(
                PublishReceipt(id: MessageID(milliseconds: 7, sequence: 0), replicas: replicas), in: "ledger", policy,
                isOnDisk: isOnDisk
            ).description
        }
        let end = "; a failover may lose it: check the replicas, and publish it again only with an id"
        let start = "underReplicated: 'ledger' stored the message as 7-0, but within "
        #expect(text(1, .init(replicas: 2)) == start + "1 s 1 of 2 replicas confirmed it" + end)
        #expect(
            text(0, .init(replicas: 1, timeout: .milliseconds(50), fsync: true), isOnDisk: true)
                == start + "50 ms 0 of 1 replicas had it on disk" + end)
        #expect(
            text(0, .init(replicas: 1, fsync: true)) == start
                + "1 s it was not on disk, and 0 of 1 replicas had it there" + end)
        #expect(text(nil, .init(fsync: true)) == start + "1 s it was not on disk" + end)
    }

    /// It is stored, and its readers handle it.
    @Test func whatIsStoredIsBroadcast() async throws {
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let configuration = BrokersConfiguration(
            brokers: [
                BrokerConfiguration("events", provider: "fixed"), BrokerConfiguration("live", provider: "fixed"),
            ],
            defaultBroker: "events",
            streams: [StreamConfiguration("ledger", also: "live", durability: Self.policy)])
        let registry = try BrokerRegistry(
            configuration: configuration, providers: [FixedProviderFactory(provider: provider)], codec: TextCodec(),
            runtime: EngineRuntime(clock: time.clock, leaseExecutor: nil, random: { 1 }, instance: "test"))
        let repetition = PublishReceipt(id: MessageID(milliseconds: 7, sequence: 0), isDuplicate: true)
        provider.publishing.next(.failure(Self.short), .usual, .value([.success(repetition)]))
        try await time.run {
            for _ in 0..<2 { _ = try? await registry.publish("x", to: "ledger", id: "entry-1") }
        }
        let ids = provider.publishing.requests.map { $0.entries.map { $0.deduplication?.id } }
        #expect(ids == [["entry-1"], [nil], ["entry-1"]])
    }
}
