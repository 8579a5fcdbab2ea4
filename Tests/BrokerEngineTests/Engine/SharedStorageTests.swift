// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Logging
import Testing

#if os(Linux)
    import Glibc
#endif

/// The bodies of a read are windows on one storage; what stays must not keep all of it in memory.
@Suite(.timeLimit(.minutes(1))) struct SharedStorageTests {
    /// Messages that came together, with bodies of `size` bytes, each its number.
    fileprivate static func read(_ numbers: ClosedRange<UInt64>, of size: Int, key: (UInt64) -> String?)
        -> [InboundMessage]
    {
        let storage = numbers.flatMap { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: size) }
        return numbers.enumerated().map { place, number in
            let body = Payload(storage: storage, window: (place * size)..<((place + 1) * size))
            return .scripted(number, payload: body, key: key(number))
        }
    }

    private let size = 32 << 10

    @Test func whatWaitsBehindItsKeyIsCopiedOutAtOnce() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(concurrency: 4, ordering: .key))
        let kept = Journal<Int>()
        bench.handle { delivery in
            kept.append(delivery.message.payload.storageCount)
            #expect(delivery.message.payload.bytes.allSatisfy { $0 == UInt8(delivery.id.milliseconds) })
        }
        try await bench.run {
            try await subscription().deliver(Self.read(1...4, of: size) { _ in "a" })
            await bench.pass(.milliseconds(1))
        }
        #expect(kept.all == [4 * size, size, size, size])
    }

    @Test func whatWaitsForItsRetryInPlaceIsCopiedOut() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(delay: .seconds(60), concurrency: 4, ordering: .key))
        let kept = Journal<Int>()
        bench.handle { delivery in
            kept.append(delivery.message.payload.storageCount)
            if delivery.attempt == 1 { throw Failure() }
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.settling.next(
                .value([
                    .renewed(Receipt(stream: "orders", id: MessageID(milliseconds: 1, sequence: 0), epoch: 1, token: 2))
                ]))
            subscription.deliver(Array(Self.read(1...4, of: size) { _ in "a" }.prefix(1)))
            await bench.pass(.seconds(70))
        }
        #expect(kept.all == [4 * size, size])
    }

    @Test func whatRunsForLongIsCopiedOutAndIsTheSame() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(concurrency: 4, prefetch: 0))
        let kept = Journal<(before: Int, after: Int)>()
        bench.handle { delivery in
            guard delivery.id.milliseconds == 1 else { return }
            let before = delivery.message
            await bench.pass(.seconds(10))
            kept.append((before.payload.storageCount, delivery.message.payload.storageCount))
            #expect(delivery.message == before)
        }
        try await bench.run {
            try await subscription().deliver(Self.read(1...4, of: size) { _ in nil })
            await bench.pass(.seconds(20))
        }
        #expect(kept.all.map(\.before) == [4 * size])
        #expect(kept.all.map(\.after) == [size])
    }

    /// No read brings it to look again.
    @Test func whatRunsForLongIsCopiedOutWhileThereIsNoRoom() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(concurrency: 1, prefetch: 3))
        let deliveries = Journal<Delivery>()
        bench.handle { delivery in
            deliveries.append(delivery)
            await bench.pass(.seconds(100))
        }
        try await bench.run {
            try await subscription().deliver(Self.read(1...4, of: size) { _ in nil })
            await bench.pass(.milliseconds(1100))
            #expect(deliveries.all.map(\.message.payload.storageCount) == [size])
        }
    }
}

#if os(Linux)
    /// In a process of its own, whose memory is nobody else's.
    extension SharedStorageTests {
        @Test func eightyBodiesThatWaitKeepTwiceTheirBytesInMemoryAtMost() async {
            await #expect(processExitsWith: .success) {
                let time = VirtualTime()
                let provider = ScriptedProvider(clock: time.clock)
                let registry = try SharedStorageTests.registry(on: provider, time)
                registry.handle("orders", group: "billing") { delivery in
                    if delivery.message.key != nil { await time.pass(.seconds(1_000_000)) }
                }
                try await time.run {
                    try await withThrowingDiscardingTaskGroup { group in
                        group.addTask { try await registry.run() }
                        await time.pass(.milliseconds(1))
                        let subscription = try #require(provider.subscriptions.first)
                        let before = SharedStorageTests.residentBytes
                        for number in 0..<80 as Range<UInt64> {
                            let ids = (number * 8 + 1)...(number * 8 + 8)
                            subscription.deliver(SharedStorageTests.read(ids, of: 1 << 20) { $0 % 8 == 1 ? "a" : nil })
                            await time.pass(.milliseconds(10))
                        }
                        await time.pass(.seconds(2))
                        let growth = SharedStorageTests.residentBytes - before
                        if growth > 160 << 20 { fatalError("80 bodies of 1 MiB take \(growth >> 20) MiB") }
                        registry.drain()
                    }
                }
            }
        }

        private static func registry(on provider: ScriptedProvider, _ time: VirtualTime) throws -> BrokerRegistry {
            let options = ConsumerOptions.test(concurrency: 16, prefetch: 64, ordering: .key)
            let configuration = BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: "fixed")], drain: .zero,
                streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing", options)])])
            return try BrokerRegistry(
                configuration: configuration, providers: [FixedProviderFactory(provider: provider)],
                codec: TextCodec(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                runtime: EngineRuntime(clock: time.clock, leaseExecutor: nil, random: { 1 }, instance: "test"))
        }

        private static var residentBytes: Int {
            guard let file = fopen("/proc/self/statm", "r") else { return 0 }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 200)
            guard fgets(&line, 200, file) != nil else { return 0 }
            let numbers = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split(separator: " ")
            return numbers.count > 1 ? (Int(numbers[1]) ?? 0) * Int(getpagesize()) : 0
        }
    }
#endif
