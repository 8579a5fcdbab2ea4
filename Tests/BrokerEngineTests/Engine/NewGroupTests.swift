// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Logging
import Synchronization
import Testing

/// What a new group cannot decode is kept until one message was handled, on virtual time.
@Suite struct NewGroupTests {
    private let time = VirtualTime()
    private let provider: DurableProvider
    private let log = KeptLines()

    init() {
        provider = DurableProvider(clock: time.clock)
    }

    /// One process after another, on the same provider.
    private func bench(_ options: ConsumerOptions = .test(concurrency: 4)) throws -> EngineBench {
        let log = log
        return try EngineBench(options, time: time, provider: provider, logger: Logger(label: "test") { _ in log })
    }

    private func handle(_ bench: EngineBench) -> HandledTexts {
        let handled = HandledTexts()
        bench.registry.handle("orders", group: "billing", as: String.self) { text, _ in handled.add(text) }
        return handled
    }

    private static let reason = "the body is no String (Undecodable)"

    @Test func afterTenMessagesItTakesNoMoreKeepsThemAndIsNotReady() async throws {
        let bench = try bench()
        _ = handle(bench)
        try await bench.run {
            try await bench.publish("broken", "broken", "broken")
            await bench.pass(.seconds(60))
            #expect(await bench.registry.health().first?.isReady == true, "three are too few")
            for _ in 0..<20 { try await bench.publish("broken") }
            await bench.pass(.seconds(60))
            let health = try #require(await bench.registry.health().first)
            #expect(!health.isReady)
            #expect(
                health.reasons == [
                    "orders/billing takes no more messages, since none of its first 10 can be decoded: \(Self.reason)"
                ])
            #expect(try await bench.deadLetters().isEmpty)
            let received = bench.events.all.reduce(0) {
                if case .received(let event) = $1 { $0 + event.messages.count } else { $0 }
            }
            await bench.pass(.seconds(600))
            let later = bench.events.all.reduce(0) {
                if case .received(let event) = $1 { $0 + event.messages.count } else { $0 }
            }
            #expect(received == later, "it takes no more")
        }
        #expect(
            log.lines.filter { $0.contains("decoded") } == Array(
                repeating: "warning: A message that cannot be decoded is kept, since its group is new and has handled "
                    + "none: \(Self.reason)", count: 9) + [
                    "error: None of the first 10 messages of the new group 'billing' of stream 'orders' can be decoded, so "
                        + "they are kept and it takes no more: \(Self.reason); correct the setting and start again, or set "
                        + "'on-undecodable: dead-letter' (docs/existing-streams.md)"
                ])
    }

    @Test func aRestartKeepsThemToo() async throws {
        for _ in 0..<3 {
            let bench = try bench()
            _ = handle(bench)
            try await bench.run {
                for _ in 0..<4 { try await bench.publish("broken") }
                await bench.pass(.seconds(60))
            }
            #expect(try await bench.deadLetters().isEmpty)
        }
        let repaired = try bench()
        let seen = Mutex<[Int]>([])
        repaired.handle { delivery in seen.withLock { $0.append(delivery.attempt) } }
        try await repaired.run { await repaired.pass(.seconds(60)) }
        #expect(seen.withLock { $0 } == Array(repeating: 1, count: 12), "no attempt was counted")
    }

    @Test func oneMessageThatIsHandledLetsTheOthersBecomeDeadLetters() async throws {
        let first = try bench()
        let handled = handle(first)
        try await first.run {
            try await first.publish("broken", "broken")
            await first.pass(.seconds(30))
            #expect(try await first.deadLetters().isEmpty)
            try await first.publish("fine")
            await first.pass(.seconds(30))
            #expect(handled.all == ["fine"])
            #expect(try await first.deadLetters().count == 2)
        }
        let second = try bench()
        _ = handle(second)
        try await second.run {
            for _ in 0..<12 { try await second.publish("broken") }
            await second.pass(.seconds(1))
            #expect(try await second.deadLetters().count == 14, "the group is not new any more")
        }
    }

    @Test func theSettingTurnsItOff() async throws {
        var options = ConsumerOptions.test()
        options.onUndecodable = .deadLetter
        let bench = try bench(options)
        _ = handle(bench)
        try await bench.run {
            for _ in 0..<12 { try await bench.publish("broken") }
            await bench.pass(.seconds(1))
            #expect(try await bench.deadLetters().count == 12)
            #expect(await bench.registry.health().first?.isReady == true)
        }
    }

    @Test func aGroupThatGivesMessagesUpKeepsThemToo() async throws {
        let bench = try bench(.test(deadLetters: false))
        _ = handle(bench)
        try await bench.run {
            for _ in 0..<12 { try await bench.publish("broken") }
            await bench.pass(.seconds(60))
            #expect(try await bench.pending() == 12)
        }
    }

    @Test func whatAnOrderOrABatchHoldsIsKeptToo() async throws {
        let bench = try bench(.test(ordering: .stream))
        bench.registry.handle(
            "orders", group: "billing", batch: .upTo(3, within: .milliseconds(10)), as: String.self
        ) { _ in }
        try await bench.run {
            for _ in 0..<12 { try await bench.publish("broken") }
            await bench.pass(.seconds(60))
            #expect(try await bench.deadLetters().isEmpty)
            #expect(await bench.registry.health().first?.isReady == false)
        }
    }

    @Test func inMemoryNothingIsKept() async throws {
        let bench = try EngineBench(.test(), time: time)
        _ = handle(bench)
        try await bench.run {
            try await bench.publish("broken")
            await bench.pass(.seconds(1))
            #expect(try await bench.deadLetters().count == 1)
        }
    }
}

/// What a handler has taken.
private final class HandledTexts: Sendable {
    private let texts = Mutex<[String]>([])

    func add(_ text: String) { texts.withLock { $0.append(text) } }

    var all: [String] { texts.withLock { $0 } }
}

/// Keeps what was logged, each line with its level.
private final class KeptLines: LogHandler {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .info }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        kept.withLock { $0.append("\(event.level): \(event.message)") }
    }
}
