// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Synchronization
import Testing

/// Streams that other programs write and read, on virtual time and in memory.
@Suite struct ForeignStreamTests {
    private static let payments = StreamConfiguration(
        "payments", body: .field("payload"), options: .test(attempts: 1), groups: [GroupConfiguration("billing")])
    private static let sensors = StreamConfiguration("sensors", body: .fields, groups: [GroupConfiguration("alarms")])
    private static let legacy = StreamConfiguration("legacy", body: .raw, groups: [GroupConfiguration("import")])

    private func bench(_ more: [StreamConfiguration] = []) throws -> EngineBench {
        try EngineBench(streams: [Self.payments, Self.sensors, Self.legacy] + more)
    }

    /// Writes an entry as another program does.
    private func write(_ fields: Headers, to stream: StreamName, _ bench: EngineBench) async throws {
        let entry = PublishBatch.Entry(stream: stream, message: Message(fields: Array(fields)))
        for result in await bench.provider.publish(PublishBatch([entry])) { _ = try result.get() }
    }

    /// The fields of the entries of a stream, as they are stored.
    private func fields(of stream: StreamName, _ bench: EngineBench) async throws -> [String] {
        let reading = try #require(bench.provider as? any HistoryReading)
        return try await reading.range(.zero ... .maximum, of: stream, limit: 100).map { entry in
            entry.message.fields.filter { !$0.name.hasPrefix("sb-") }.map { "\($0.name)=\($0.value.string)" }
                .joined(separator: " ")
        }
    }

    private func shown(_ message: Message) -> String {
        let headers = message.headers.filter { !$0.name.hasPrefix("sb-") }
        return "\(message.hasPayload ? message.payload.string : "none") "
            + headers.map { "\($0.name)=\($0.value.string)" }.joined(separator: " ")
    }

    @Test func aHandlerSeesTheBodyWhereTheStreamSaysItIs() async throws {
        let bench = try bench()
        let seen = Mutex<[String]>([])
        for (stream, group) in [("payments", "billing"), ("sensors", "alarms"), ("legacy", "import")] {
            bench.registry.handle(stream, group: GroupName(group)) { delivery in
                let text = shown(delivery.message)
                seen.withLock { $0.append(text) }
            }
        }
        try await bench.run {
            try await write(["type": "card", "payload": "{}"], to: "payments", bench)
            try await write(["room": "kitchen", "temperature": "21.5"], to: "sensors", bench)
            try await write(["data": "1", "x": "2"], to: "legacy", bench)
            await bench.pass(.seconds(1))
        }
        #expect(
            seen.withLock { $0.sorted() } == [
                "none data=1 x=2", #"{"room":"kitchen","temperature":"21.5"} "#, "{} type=card",
            ])
    }

    @Test func whatIsPublishedHasTheLayoutOfItsStream() async throws {
        let bench = try bench()
        try await bench.run {
            _ = try await bench.registry.publish(Message("{}", headers: ["data": "d"]), to: "payments")
            _ = try await bench.registry.publish(Message(#"{"room":"hall"}"#), to: "sensors")
            _ = try await bench.registry.publish(Message(headers: ["x": "2"]), to: "legacy")
            #expect(try await fields(of: "payments", bench) == ["data=d payload={}"])
            #expect(try await fields(of: "sensors", bench) == ["room=hall"])
            #expect(try await fields(of: "legacy", bench) == ["x=2"])
            #expect(try await bench.stored(in: "payments").map { shown($0.message) } == ["{} data=d"])
        }
    }

    @Test func aBatchIsRefusedOneByOne() async throws {
        let bench = try bench()
        try await bench.run {
            let messages = [Message(#"{"a":"1"}"#), Message(#"{"a":1}"#), Message(#"{"a":"3"}"#)]
            let results = await bench.registry.publish(batch: messages, to: "sensors")
            let texts = results.map { result -> String in
                if case .failure(let error) = result { error.description } else { "stored" }
            }
            #expect(
                texts == [
                    "stored",
                    "invalidMessage: stream 'sensors' has 'body: fields', so a body is one JSON object of strings: "
                        + "the value of 'a' is a number", "stored",
                ])
            let stored = try await fields(of: "sensors", bench)
            #expect(stored == ["a=1", "a=3"])
        }
    }

    @Test func aHeaderCannotHaveTheNameOfTheBody() async throws {
        let bench = try bench()
        try await bench.run {
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.publish(Message("{}", headers: ["payload": "x"]), to: "payments")
            }
            #expect(
                error?.description
                    == "invalidMessage: the header names 'payload' and 'sb-…' are StreamBroker's own; choose another name"
            )
        }
    }

    @Test func aMessageHasAtMostAThousandFields() async throws {
        let bench = try bench()
        let body = "{" + (0...1000).map { "\"f\($0)\":\"\"" }.joined(separator: ",") + "}"
        try await bench.run {
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.publish(Message(Payload(body)), to: "sensors")
            }
            #expect(
                error?.description
                    == "invalidMessage: a message for sensors may have 1000 fields, this one has 1001")
        }
    }

    @Test func aDeadLetterHasTheFieldsOfItsEntryAndComesBackWithThem() async throws {
        let bench = try bench()
        let buried = Mutex<[String]>([])
        bench.registry.handle("payments", group: "billing") { _ in throw Failure() }
        bench.registry.handle("{payments}:dead", group: "undertaker") { delivery in
            let text = shown(delivery.message)
            buried.withLock { $0.append(text) }
        }
        try await bench.run {
            try await write(["type": "card", "payload": "{}", "data": "d"], to: "payments", bench)
            await bench.pass(.seconds(1))
            #expect(try await fields(of: "{payments}:dead", bench) == ["data=d type=card payload={}"])
            #expect(buried.withLock { $0 } == ["{} data=d type=card"])
            let broker = try #require(bench.registry.broker("events"))
            let report = try await broker.replay(.zero ... .maximum, of: "{payments}:dead", into: "payments")
            #expect(report.count == 1 && report.failure == nil)
            let stored = try await fields(of: "payments", bench)
            #expect(stored == ["data=d type=card payload={}", "data=d payload={} type=card"])
        }
    }

    @Test func aReplayIntoAnotherLayoutConvertsEachMessage() async throws {
        let bench = try bench()
        try await bench.run {
            try await write(["type": "card", "payload": "{}"], to: "payments", bench)
            let broker = try #require(bench.registry.broker("events"))
            _ = try await broker.replay(.zero ... .maximum, of: "payments", into: "orders")
            #expect(try await fields(of: "orders", bench) == ["data={} type=card"])
            let report = try await broker.replay(.zero ... .maximum, of: "payments", into: "legacy")
            #expect(report.count == 0 && report.failure?.code == .invalidMessage)
        }
    }

    @Test(arguments: [true, false])
    func aForwardedMessageHasTheLayoutOfItsDestination(_ isOneStep: Bool) async throws {
        let bench = try bench()
        bench.registry.handle("orders", group: "billing") { delivery in
            var outputs: [StreamOutput] = [.to("payments", Message("{}", headers: ["type": "card"]))]
            if !isOneStep { outputs.append(.to("sensors", Message(#"{"a":"1"}"#))) }
            try await delivery.forward(outputs)
        }
        try await bench.run {
            try await bench.publish("one")
            await bench.pass(.seconds(1))
            #expect(try await fields(of: "payments", bench) == ["payload={} type=card"])
            #expect(try await fields(of: "sensors", bench) == (isOneStep ? [] : ["a=1"]))
        }
    }

    @Test func aStreamOfAPatternMayHaveALayoutOfItsOwn() async throws {
        let bench = try bench([
            StreamConfiguration("agent.*", body: .field("text"), groups: [GroupConfiguration("inbox")]),
            StreamConfiguration("agent.ours"),
        ])
        let seen = Mutex<[String]>([])
        bench.registry.handle("agent.*", group: "inbox") { delivery in
            let text = shown(delivery.message)
            seen.withLock { $0.append(text) }
        }
        try await bench.run {
            try await write(["text": "hello"], to: "agent.theirs", bench)
            try await write(["data": "hi", "text": "x"], to: "agent.ours", bench)
            await bench.pass(.seconds(2))
            #expect(seen.withLock { $0.sorted() } == ["hello ", "hi text=x"])
        }
    }
}
