// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0
import BrokerCore
import BrokerEngine
import BrokerTestKit
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct MiddlewareTests {
    @Test func theFirstMiddlewareIsTheOutermost() async throws {
        struct Noting: BrokerMiddleware {
            let name: String
            let journal: Journal<String>

            func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
                journal.append("\(name) begins")
                try await next(delivery)
                journal.append("\(name) ends")
            }
        }
        let journal = Journal<String>()
        let bench = try EngineBench(
            .test(), middleware: [Noting(name: "outer", journal: journal), Noting(name: "inner", journal: journal)])
        bench.handle { _ in journal.append("handler") }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(1))
        }
        #expect(journal.all == ["outer begins", "inner begins", "handler", "inner ends", "outer ends"])
    }

    @Test func aMiddlewareSurroundsABatchOnce() async throws {
        struct Counting: BrokerMiddleware {
            let journal: Journal<Int>

            func handle(_ delivery: Delivery, next: DeliveryHandler) async throws { journal.append(-1) }

            func handle(batch: [Delivery], next: BatchHandler) async throws {
                journal.append(batch.count)
                try await next(batch)
            }
        }
        let journal = Journal<Int>()
        let bench = try EngineBench(.test(concurrency: 1), middleware: [Counting(journal: journal)])
        bench.registry.handle("orders", group: "billing", batch: .upTo(5, within: .seconds(1))) { _ in }
        try await bench.run {
            try await bench.publish("a", "b", "c")
            await bench.pass(.seconds(2))
        }
        #expect(journal.all == [3])
    }

    /// A bench with another stream to forward to.
    private func makeBench(
        _ middleware: any BrokerMiddleware..., options: ConsumerOptions = .test()
    ) throws -> EngineBench {
        let next = StreamConfiguration("next", groups: [GroupConfiguration("rest", .test())])
        return try EngineBench(options, streams: [next], middleware: middleware)
    }

    @Test func whateverIsPublishedIsMadeReady() async throws {
        let bench = try makeBench(Wrapping(name: "a"))
        bench.handle { delivery in
            if delivery.isRequest { try await delivery.reply("answer") }
            try await delivery.forward(Message("forwarded"), to: "next")
        }
        try await bench.run {
            try await bench.registry.publish(Message("published"), to: "orders")
            try await bench.publish("in a batch")
            let reply = try await bench.registry.request(Message("requested"), to: "orders")
            #expect(reply.payload == "answer", "the requester gets what was replied")
            await bench.pass(.seconds(1))
            let orders = try await bench.stored(in: "orders").map(\.message)
            #expect(orders.map(\.payload) == ["a(published)", "a(in a batch)", "a(requested)"])
            #expect(orders.map { $0.headers["purpose"] } == ["publish", "publish", "request"])
            let next = try await bench.stored(in: "next").map(\.message)
            #expect(next.map(\.payload) == ["a(forwarded)", "a(forwarded)", "a(forwarded)"])
            #expect(next.allSatisfy { $0.headers["purpose"] == "forward" })
            #expect(next.first?.headers["cause"] == "published", "who forwards is known")
        }
    }

    @Test func whatGoesOutThroughSeveralComesInThroughThemInReverse() async throws {
        let bench = try makeBench(Wrapping(name: "wire"), Wrapping(name: "app"))
        let seen = Journal<String>()
        bench.handle { delivery in
            seen.append(delivery.text)
            if delivery.isRequest { try await delivery.reply("re: \(delivery.text)") }
        }
        try await bench.run {
            try await bench.publish("one")
            #expect(try await bench.registry.request("two", to: "orders", as: String.self) == "re: two")
            await bench.pass(.seconds(1))
            #expect(
                try await bench.stored(in: "orders").map(\.message.payload) == ["wire(app(one))", "wire(app(two))"])
        }
        #expect(seen.all == ["one", "two"])
    }

    @Test func aHandlerGetsTheMessageThatMiddlewareMadeOfIt() async throws {
        let bench = try EngineBench(
            .test(), middleware: [Wrapping(name: "a")],
            logger: Logger(label: "test") { StreamLogHandler.standardError(label: $0) })
        let seen = Journal<(String, Delivery)>()
        bench.registry.handle("orders", group: "billing", as: String.self) { text, delivery in
            seen.append((text, delivery))
            throw Reject("enough")
        }
        try await bench.run {
            try await bench.publish("one")
            await bench.pass(.seconds(1))
            #expect(try await bench.deadLetters().map(\.payload) == ["a(one)"], "a dead letter is what was stored")
        }
        let (text, delivery) = try #require(seen.all.first)
        #expect(text == "one" && delivery.text == "one")
        #expect(delivery.logger[metadataKey: "a"] == "opened")
        #expect(delivery.logger[metadataKey: "broker.stream"] == "orders")
    }

    @Test func aBatchIsDecodedBehindTheMiddleware() async throws {
        let bench = try makeBench(Wrapping(name: "a"), options: .test(concurrency: 1))
        let seen = Journal<[String]>()
        bench.registry.handle(
            "orders", group: "billing", batch: .upTo(3, within: .seconds(1)), as: String.self
        ) { batch in seen.append(batch.map(\.value)) }
        try await bench.run {
            try await bench.publish("one", "broken", "three")
            await bench.pass(.seconds(5))
            #expect(try await bench.deadLetters().map(\.payload) == ["a(broken)"])
        }
        #expect(seen.all == [["one", "three"]])
        #expect(bench.events.kinds.sorted { $0.rawValue < $1.rawValue } == [.ack, .ack, .deadLetter])
    }

    @Test func aMiddlewareForSingleDeliveriesSurroundsEachOfABatch() async throws {
        let journal = Journal<String>()
        let bench = try EngineBench(
            .test(concurrency: 1), middleware: [Tagging(journal: journal)],
            logger: Logger(label: "test") { StreamLogHandler.standardError(label: $0) })
        bench.registry.handle("orders", group: "billing", batch: .upTo(5, within: .seconds(1))) { batch in
            journal.append("handler \(batch.map(\.text)) \(batch.map { $0.logger[metadataKey: "tag"] ?? "" })")
        }
        try await bench.run {
            try await bench.publish("one", "two")
            await bench.pass(.seconds(2))
        }
        #expect(
            journal.all == [
                "begins one", "begins two", #"handler ["one", "two"] [one, two]"#, "ends two", "ends one",
            ])
        #expect(bench.events.kinds == [.ack, .ack])
    }

    @Test func whatDoesNotGetThroughIsNotInTheBatchAndIsSettledAlone() async throws {
        let journal = Journal<String>()
        let bench = try makeBench(Tagging(journal: journal), options: .test(attempts: 1, concurrency: 1))
        bench.registry.handle("orders", group: "billing", batch: .upTo(5, within: .seconds(1))) { batch in
            journal.append("handler \(batch.map(\.text))")
            if batch.contains(where: { $0.text == "bad" }) { throw Failure("the batch") }
        }
        try await bench.run {
            try await bench.publish("swallow", "one", "reject", "fail", "two")
            await bench.pass(.seconds(2))
            let letters = try await bench.deadLetters().map { "\($0.payload.string): \($0.headers["sb-error"] ?? "")" }
            #expect(letters == ["reject: no", "fail: alone"])
            try await bench.publish("swallow", "reject", "fail")
            await bench.pass(.seconds(2))
            #expect(journal.all.filter { $0.hasPrefix("handler") } == [#"handler ["one", "two"]"#])
            try await bench.publish("swallow", "bad")
            await bench.pass(.seconds(2))
            #expect(try await bench.deadLetters().last?.headers["sb-error"] == "the batch")
        }
        let kinds = Dictionary(grouping: bench.events.kinds, by: \.self).mapValues(\.count)
        #expect(kinds == [.ack: 5, .deadLetter: 5])
        #expect(journal.all.suffix(3) == ["begins bad", #"handler ["bad"]"#, "bad: the batch"])
    }

    @Test func whatMiddlewareRefusesIsNotStored() async throws {
        let bench = try makeBench(Refusing())
        try await bench.run { () async throws in
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.publish(Message("refuse"), to: "orders")
            }
            #expect(error?.code == .middleware && error?.effect == .notApplied && error?.isRetryable == false)
            #expect(error?.message == "a middleware could not make a message ready for 'orders': Failure")
            let results = await bench.registry.publish(
                batch: [Message("one"), Message("refuse"), Message("three")], to: "orders")
            #expect(results.map { (try? $0.get()) != nil } == [true, false, true], "it fails alone")
            let stored = try await bench.stored(in: "orders").map(\.message.payload)
            #expect(stored == ["one", "three"])
            let undeclared = await #expect(throws: BrokerError.self) {
                try await bench.registry.publish(Message("refuse"), to: "ordres")
            }
            #expect(undeclared?.code == .undeclaredStream, "middleware sees what has a stream")
        }
    }

    @Test func theRulesOfAStreamHoldForWhatIsStored() async throws {
        let bench = try makeBench(Wrapping(name: String(repeating: "a", count: 1 << 20)))
        try await bench.run {
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.publish(Message("small"), to: "orders")
            }
            #expect(error?.code == .payloadTooLarge)
        }
    }

    @Test func aReplyThatCannotBeOpenedIsTheRequestersError() async throws {
        let bench = try makeBench(Refusing())
        bench.handle { try await $0.reply("unreadable") }
        try await bench.run {
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.request(Message("one"), to: "orders")
            }
            #expect(error?.code == .middleware && error?.effect == .unknown)
            #expect(error?.message == "a middleware could not open the reply of 'orders': Failure")
        }
    }

    @Test func aHandlerThatForwardsWhatIsRefusedIsTriedAgain() async throws {
        let bench = try makeBench(Refusing())
        bench.registry.connect("orders", group: "billing", to: "next") { _ in Message("refuse") }
        try await bench.run {
            try await bench.publish("one")
            await bench.pass(.seconds(60))
            #expect(try await bench.stored(in: "next").isEmpty)
        }
        #expect(bench.events.kinds == [.retry, .retry, .deadLetter])
    }
}

/// Puts its name around bodies on their way out and takes it off on their way in.
private struct Wrapping: BrokerMiddleware {
    let name: String

    func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
        try await next(opened(delivery))
    }

    func prepare(_ outbound: OutboundMessage) async throws -> Message {
        var message = outbound.message
        message.payload = Payload("\(name)(\(message.payload.string))")
        message.headers["purpose"] = outbound.purpose.rawValue
        message.headers["cause"] = outbound.cause?.text
        return message
    }

    func receive(reply: Message, of stream: StreamName) async throws -> Message {
        opened(reply)
    }

    private func opened(_ delivery: Delivery) -> Delivery {
        var delivery = delivery
        delivery.message = opened(delivery.message)
        delivery.logger[metadataKey: name] = "opened"
        return delivery
    }

    private func opened(_ message: Message) -> Message {
        var message = message
        message.payload = Payload(String(message.payload.string.dropFirst(name.count + 1).dropLast()))
        return message
    }
}

/// Refuses what says so, and opens nothing.
private struct Refusing: BrokerMiddleware {
    func prepare(_ outbound: OutboundMessage) async throws -> Message {
        if outbound.message.payload == "refuse" { throw Failure() }
        return outbound.message
    }

    func receive(reply: Message, of stream: StreamName) async throws -> Message { throw Failure() }
}

/// Tags the logger of each delivery, and keeps some from the handler.
private struct Tagging: BrokerMiddleware {
    let journal: Journal<String>

    func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
        let text = delivery.text
        if text == "swallow" { return }
        if text == "reject" { throw Reject("no") }
        if text == "fail" { throw Failure("alone") }
        journal.append("begins \(text)")
        var delivery = delivery
        delivery.logger[metadataKey: "tag"] = "\(text)"
        do {
            try await next(delivery)
        } catch {
            journal.append("\(text): \(error)")
            throw error
        }
        journal.append("ends \(text)")
    }
}
