// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Requests and their answers, in memory and on virtual time.
@Suite struct RequestTests {
    /// A bench whose handler answers every request with `re: ` and the text.
    private func answering(_ options: ConsumerOptions = .test(), after delay: Duration = .zero) throws -> EngineBench {
        let bench = try EngineBench(options)
        bench.handle { delivery in
            if delay > .zero { await bench.pass(delay) }
            try await delivery.reply("re: \(delivery.text)")
        }
        return bench
    }

    @Test func aRequestGetsItsAnswer() async throws {
        let bench = try EngineBench(.test())
        let seen = Journal<Delivery>()
        bench.handle { delivery in
            seen.append(delivery)
            try await delivery.reply("re: \(delivery.text)", headers: ["kind": "answer"])
        }
        try await bench.run {
            let text = try await bench.registry.request("one", to: "orders", as: String.self)
            #expect(text == "re: one")
            let answer = try await bench.registry.request(Message("two", headers: ["a": "b"]), to: "orders")
            let request = try #require(seen.all.last)
            #expect(answer.payload == "re: two" && answer.headers["kind"] == "answer")
            #expect(request.isRequest && request.message.headers["a"] == "b")
            #expect(answer.headers[ReservedHeaders.correlationID] == request.correlationID)
            #expect(answer.headers[ReservedHeaders.causationID] == "orders/\(request.id)")
            #expect(Set(seen.all.map(\.correlationID)).count == 2)
            #expect(bench.registry.waitingRequests == 0)
        }
    }

    @Test func theAnswerIsStoredBeforeTheAck() async throws {
        let bench = try answering()
        try await bench.run {
            _ = try await bench.registry.request(Message("one"), to: "orders")
            await bench.pass(.milliseconds(1))
            let order = bench.events.all.compactMap { event -> String? in
                switch event {
                case .published: "published"
                case .settled: "settled"
                default: nil
                }
            }
            #expect(order == ["published", "published", "settled"])
        }
    }

    @Test func aRequestThatNobodyAnswersEndsWithItsTimeout() async throws {
        let bench = try EngineBench(.test())
        try await bench.run {
            let start = bench.elapsed
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.request(Message("one"), to: "orders", timeout: .seconds(7))
            }
            #expect(error?.code == .timeout && error?.effect == .unknown)
            #expect(bench.elapsed - start == .seconds(7))
            #expect(bench.registry.waitingRequests == 0)
        }
    }

    @Test func aLateAnswerIsDroppedAndCounted() async throws {
        let bench = try answering(after: .seconds(10))
        try await bench.run {
            await #expect(throws: BrokerError.self) {
                try await bench.registry.request(Message("one"), to: "orders", timeout: .seconds(5))
            }
            await bench.pass(.seconds(10))
            #expect(bench.events.droppedReplies == [.unawaited])
            #expect(bench.events.kinds == [.ack])
        }
    }

    @Test func theSecondOfTwoAnswersIsDroppedAndCounted() async throws {
        let both = StreamConfiguration("both", groups: [GroupConfiguration("one"), GroupConfiguration("two")])
        let bench = try EngineBench(streams: [both])
        bench.registry.handle("both", group: "one") { try await $0.reply("first") }
        bench.registry.handle("both", group: "two") {
            await bench.pass(.seconds(1))
            try await $0.reply("second")
        }
        try await bench.run {
            let answer = try await bench.registry.request("one", to: "both", as: String.self)
            #expect(answer == "first")
            await bench.pass(.seconds(2))
            #expect(bench.events.droppedReplies == [.unawaited])
        }
    }

    @Test func aRetriedHandlerMayReplyAgain() async throws {
        let bench = try EngineBench(.test())
        bench.handle { delivery in
            try await delivery.reply("attempt \(delivery.attempt)")
            if delivery.attempt == 1 { throw Failure() }
        }
        try await bench.run {
            let answer = try await bench.registry.request("one", to: "orders", as: String.self)
            #expect(answer == "attempt 1")
            await bench.pass(.seconds(2))
            #expect(bench.events.kinds == [.retry, .ack])
            #expect(bench.events.droppedReplies == [.unawaited])
        }
    }

    @Test func aHandlerRepliesOnce() async throws {
        let bench = try EngineBench(.test())
        let codes = Journal<BrokerError.Code?>()
        bench.handle { delivery in
            try await delivery.reply("first")
            do throws(BrokerError) { try await delivery.reply("second") } catch { codes.append(error.code) }
        }
        try await bench.run {
            let answer = try await bench.registry.request("one", to: "orders", as: String.self)
            #expect(answer == "first")
            await bench.pass(.milliseconds(1))
            #expect(codes.all == [.alreadyReplied])
            #expect(bench.events.droppedReplies.isEmpty)
        }
    }

    @Test func anEndedHandlerCannotReply() async throws {
        let bench = try EngineBench(.test())
        let seen = Journal<Delivery>()
        bench.handle { seen.append($0) }
        try await bench.run {
            await #expect(throws: BrokerError.self) {
                try await bench.registry.request(Message("one"), to: "orders", timeout: .seconds(1))
            }
            let delivery = try #require(seen.all.first)
            let error = await #expect(throws: BrokerError.self) { try await delivery.reply("late") }
            #expect(error?.code == .alreadySettled)
        }
    }

    /// What somebody else writes into the header must not become a way to publish where nobody may.
    @Test(arguments: [nil, "orders", "{orders}:dead", ""])
    func aMessageThatNobodyAskedCannotBeRepliedTo(address: String?) async throws {
        let bench = try EngineBench(.test())
        let codes = Journal<BrokerError.Code?>()
        bench.handle { delivery in
            #expect(!delivery.isRequest)
            do throws(BrokerError) { try await delivery.reply("nobody") } catch { codes.append(error.code) }
        }
        try await bench.run {
            var message = Message("one")
            message.headers[ReservedHeaders.replyTo] = address
            _ = await bench.provider.publish(PublishBatch([.init(stream: "orders", message: message)]))
            await bench.pass(.milliseconds(1))
            #expect(codes.all == [.notRequested])
        }
    }

    @Test func anAnswerToAProcessThatIsGoneIsNoError() async throws {
        let bench = try answering()
        try await bench.run {
            var message = Message("one")
            message.headers[ReservedHeaders.replyTo] = "~replies:gone"
            _ = await bench.provider.publish(PublishBatch([.init(stream: "orders", message: message)]))
            await bench.pass(.milliseconds(1))
            #expect(bench.events.droppedReplies == [.requesterGone])
            #expect(bench.events.kinds == [.ack])
        }
    }

    @Test func whatBecameADeadLetterCanBeAnsweredThere() async throws {
        let bench = try EngineBench(.test())
        bench.handle { _ in throw Reject("no") }
        bench.registry.handle("{orders}:dead", group: "sorry") { delivery in
            try await delivery.reply("sorry: \(delivery.message.headers["sb-error"] ?? "")")
        }
        try await bench.run {
            let answer = try await bench.registry.request("one", to: "orders", as: String.self)
            #expect(answer == "sorry: no")
        }
    }
}

extension EventRecorder {
    /// Why answers reached nobody, in order.
    var droppedReplies: [DroppedReply] {
        all.compactMap { event -> DroppedReply? in
            if case .replyDropped(_, let reason) = event { reason } else { nil }
        }
    }
}
