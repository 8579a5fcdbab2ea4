// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// A publish with an id: stored once, and sent again by itself while its outcome is unknown.
@Suite(.timeLimit(.minutes(1))) struct DeduplicationTests {
    private let lost = BrokerError(.connection, "the reply was lost", isRetryable: true, effect: .unknown)
    private let away = BrokerError(.connection, "nobody is there", isRetryable: true)

    private func scripted(
        _ capabilities: BrokerCapabilities = BrokerCapabilities(rawValue: .max)
    ) throws -> (EngineBench, ScriptedProvider) {
        let time = VirtualTime()
        let provider = ScriptedProvider(capabilities: capabilities, clock: time.clock)
        return (try EngineBench(time: time, provider: provider), provider)
    }

    private func error(of publish: () async throws -> Void) async -> BrokerError? {
        do { try await publish() } catch { return error as? BrokerError }
        return nil
    }

    @Test func isStoredOnceByWhicheverCallItComes() async throws {
        let bench = try EngineBench(streams: [StreamConfiguration("bills")])
        try await bench.time.run {
            let first = try await bench.registry.publish("one", to: "orders", id: "order-1")
            let again = try await bench.registry.publish(Message("two"), to: "orders", id: "order-1")
            #expect(again == PublishReceipt(id: first.id, isDuplicate: true))
            let batch = await bench.registry.publish(
                batch: [Message("three"), Message("four"), Message("five")], to: "orders",
                ids: ["order-1", nil, "order-2"])
            let isDuplicate = try batch.map { try $0.get().isDuplicate }
            #expect(isDuplicate == [true, false, false])
            let other = try await bench.registry.publish("one", to: "bills", id: "order-1")
            #expect(!other.isDuplicate)
            #expect(try await bench.stored(in: "orders").map(\.message.payload.string) == ["one", "four", "five"])
        }
        let counts = bench.events.all.compactMap { if case .published(let event) = $0 { event } else { nil } }
        #expect(counts.map(\.stored) == [1, 0, 2, 1])
        #expect(counts.map(\.duplicates) == [0, 1, 1, 0])
        #expect(counts.map(\.failed) == [0, 0, 0, 0])
    }

    @Test func theStreamSaysHowLongAnIDIsKnown() async throws {
        let policy = DeduplicationPolicy(window: .seconds(60), maximumIDs: 2)
        let bench = try EngineBench(streams: [StreamConfiguration("bills.*", deduplication: policy)])
        try await bench.time.run {
            func isKnown(_ id: DeduplicationID) async throws -> Bool {
                try await bench.registry.publish("x", to: "bills.may", id: id).isDuplicate
            }
            var known: [Bool] = []
            for id: DeduplicationID in ["a", "b", "c", "c", "a"] { known.append(try await isKnown(id)) }
            await bench.pass(.seconds(61))
            known.append(try await isKnown("a"))
            #expect(known == [false, false, false, true, false, false])
        }
    }

    @Test func anUnknownOutcomeIsAskedAgainUntilItIsKnown() async throws {
        let (bench, provider) = try scripted()
        let id = MessageID(milliseconds: 7, sequence: 0)
        provider.publishing.next(
            .failure(lost), .failure(lost), .value([.success(PublishReceipt(id: id, isDuplicate: true))]))
        try await bench.time.run {
            let receipt = try await bench.registry.publish("x", to: "orders", id: "order-1")
            #expect(receipt == PublishReceipt(id: id, isDuplicate: true))
        }
        #expect(
            provider.publishing.requests.map { $0.entries.map(\.deduplication?.id) } == [
                ["order-1"], ["order-1"], ["order-1"],
            ])
        #expect(bench.elapsed == .milliseconds(60))
    }

    @Test func onlyWhatIsInDoubtAndHasAnIDIsSentAgain() async throws {
        let (bench, provider) = try scripted()
        let id = MessageID(milliseconds: 7, sequence: 0)
        provider.publishing.next(
            .value([.failure(lost), .failure(lost), .failure(away), .success(PublishReceipt(id: id))]))
        try await bench.time.run {
            let results = await bench.registry.publish(
                batch: ["a", "b", "c", "d"].map { Message($0) }, to: "orders", ids: ["1", nil, "3", "4"])
            let effects = results.map { $0.error?.effect }
            #expect(effects == [nil, .unknown, .notApplied, nil])
        }
        #expect(
            provider.publishing.requests.map { $0.entries.map(\.message.payload.string) } == [
                ["a", "b", "c", "d"], ["a"],
            ])
    }

    @Test func withoutAnIDNothingIsSentAgain() async throws {
        let (bench, provider) = try scripted()
        provider.publishing.next(.failure(lost))
        try await bench.time.run {
            let error = await error { try await bench.registry.publish("x", to: "orders") }
            #expect(error?.effect == .unknown)
        }
        #expect(provider.publishing.requests.count == 1)
    }

    /// The attempt before it may have stored the message, whatever becomes of later ones.
    @Test func aRefusalAfterADoubtLeavesTheDoubt() async throws {
        let (bench, provider) = try scripted()
        provider.publishing.next(.failure(lost), .failure(BrokerError(.closed, "closed")))
        try await bench.time.run {
            let error = await error { try await bench.registry.publish("x", to: "orders", id: "order-1") }
            #expect(error?.effect == .unknown)
            #expect(error?.message == "the reply was lost")
        }
        #expect(provider.publishing.requests.count == 2)
    }

    @Test(arguments: [Duration?.none, .seconds(3)])
    func asksNoLongerThanItsTimeout(_ timeout: Duration?) async throws {
        let (bench, provider) = try scripted()
        for _ in 0..<100 { provider.publishing.next(.failure(lost)) }
        try await bench.time.run {
            let error = await error {
                try await bench.registry.publish("x", to: "orders", id: "order-1", timeout: timeout)
            }
            #expect(error?.effect == .unknown)
        }
        let limit = timeout ?? .seconds(30)
        #expect(bench.elapsed <= limit)
        #expect(bench.elapsed >= limit - .milliseconds(1500))
        #expect(provider.publishing.requests.count < 40)
    }

    @Test func aCancelledCallerGetsWhatIsKnown() async throws {
        let (bench, provider) = try scripted()
        for _ in 0..<100 { provider.publishing.next(.failure(lost)) }
        try await bench.time.run {
            let told = Journal<BrokerError.Effect?>()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await error { try await bench.registry.publish("x", to: "orders", id: "order-1") }
                    told.append(error?.effect)
                }
                await bench.pass(.milliseconds(30))
                group.cancelAll()
            }
            #expect(told.all == [.unknown])
        }
        #expect(bench.elapsed == .milliseconds(30))
    }

    @Test func aProviderThatCannotRefusesTheID() async throws {
        let (bench, provider) = try scripted([.redelivery])
        try await bench.time.run {
            let single = await error { try await bench.registry.publish("x", to: "orders", id: "order-1") }
            #expect(
                single?.description
                    == "unsupported: the provider 'fixed' of broker 'events' cannot store a message once by its id; "
                    + "publish to 'orders' without one")
            let batch = await bench.registry.publish(
                batch: [Message("a"), Message("b")], to: "orders", ids: [nil, "1"])
            #expect(batch.map { $0.error?.code } == [nil, .unsupported])
        }
        #expect(provider.publishing.requests.map { $0.entries.map(\.message.payload.string) } == [["a"]])
    }

    @Test func anIDThatIsNoneIsRefusedAndNotShown() async throws {
        let (bench, provider) = try scripted()
        let long = DeduplicationID("anna@example.org" + String(repeating: "x", count: 241))
        try await bench.time.run {
            for (id, size) in [(DeduplicationID(""), 0), (long, 257)] {
                let error = await error { try await bench.registry.publish("x", to: "orders", id: id) }
                #expect(
                    error?.description == "invalidMessage: the id of a message has 1 to 256 bytes, this one has \(size)"
                )
            }
            let batch = await bench.registry.publish(batch: [Message("a"), Message("b")], to: "orders", ids: ["1"])
            let texts = batch.map { $0.error?.description }
            #expect(
                texts
                    == Array(
                        repeating:
                            "invalidMessage: a batch has an id for each message or none; this one has 2 messages, 1 ids",
                        count: 2))
        }
        #expect(provider.publishing.requests.isEmpty)
        #expect("\(long)" == "an id of 257 bytes")
        #expect(String(reflecting: long) == "an id of 257 bytes")
    }

    @Test func outputsCarryTheirIDs() async throws {
        let bench = try EngineBench(streams: [StreamConfiguration("bills")])
        bench.registry.handle("orders", group: "billing") { delivery in
            try await delivery.forward([
                .to("bills", "bill of \(delivery.text)", id: "bill-1"), .to("bills", Message("note"), id: nil),
            ])
        }
        try await bench.run {
            try await bench.publish("a", "b")
            await bench.pass(.seconds(1))
            let bills = try await bench.stored(in: "bills").map(\.message.payload.string)
            #expect(bills.sorted() == ["bill of a", "note", "note"])
        }
        #expect(bench.events.kinds == [.forward, .forward])
    }

    /// What is put back, or copied, is a wish of its own.
    @Test func whatComesBackIsNeverADuplicate() async throws {
        let bench = try EngineBench(.test(attempts: 1), streams: [StreamConfiguration("copies")])
        bench.handle { _ in throw Failure() }
        try await bench.run {
            try await bench.registry.publish("x", to: "orders", id: "order-1")
            await bench.pass(.seconds(1))
            let broker = try #require(bench.registry.broker("events"))
            let report = try await broker.replayDeadLetters(of: "orders", for: "billing")
            #expect(report.replayed == 1)
            for _ in 0..<2 {
                #expect(try await broker.replay(.zero ... .maximum, of: "orders", into: "copies").count == 2)
            }
            #expect(try await bench.registry.publish("x", to: "orders", id: "order-1").isDuplicate)
            #expect(try await bench.stored(in: "orders").count == 2)
            #expect(try await bench.stored(in: "copies").count == 4)
        }
    }
}

extension Result<PublishReceipt, BrokerError> {
    fileprivate var error: BrokerError? { if case .failure(let error) = self { error } else { nil } }
}
