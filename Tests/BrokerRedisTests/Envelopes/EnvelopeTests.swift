// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

/// What publishers, and anybody else with redis-cli, may put into a stream: it is delivered, dead-lettered or refused,
/// and the process lives on.
@Suite("Envelopes", .inRealTime, .serialized, .timeLimit(.minutes(2))) struct EnvelopeTests {
    @Test("Payloads of 0 bytes to 1 MiB arrive byte-exact, whatever is in them")
    func payloads() async throws {
        var generator = SeededGenerator(seed: 7)
        let random = [1, 100, 16_384, 65_537, 1 << 20].map { size in
            (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        let odd: [[UInt8]] = [
            [], Array(0...255), [0], Array("\r\n".utf8), Array("*1\r\n$4\r\nPING\r\n".utf8), [0xC0, 0x80, 0xFF],
        ]
        let messages =
            (odd + random).map { Message($0) } + [Message(headers: ["kind": "absent"]), Message(headers: [:])]
        try await EnvelopeBench.with { bench in
            for message in messages { try await bench.registry.publish(message, to: "raw") }
            let seen = await bench.raw.wait(for: messages.count)
            #expect(seen.map(\.payload) == messages.map(\.payload))
            #expect(seen.map(\.hasPayload) == messages.map(\.hasPayload))
            #expect(seen.map(\.headers) == messages.map(\.headers))
        }
    }

    @Test("Header values that would mean something elsewhere arrive as they are")
    func headerValues() async throws {
        let values = ["a\r\nb", "\u{1B}[31mred", "</script>", "${jndi:ldap://x}", "\0", "", "traceparent: x"]
        let headers = Headers(values.enumerated().map { Headers.Header(name: "h\($0)", value: Payload($1)) })
        try await EnvelopeBench.with { bench in
            try await bench.registry.publish(Message("x", headers: headers), to: "raw")
            #expect(await bench.raw.wait(for: 1)[0].headers == headers)
        }
    }

    @Test("What breaks a rule is refused before a byte is sent, and the next message goes through")
    func refusals() async throws {
        let many = Headers((0..<65).map { Headers.Header(name: "h\($0)", value: "") })
        let refused: [(Message, BrokerError.Code)] = [
            (Message([UInt8](repeating: 0, count: (1 << 20) + 1)), .payloadTooLarge),
            (Message("x", headers: many), .invalidMessage),
            (Message("x", headers: ["big": String(repeating: "x", count: 16_385)]), .invalidMessage),
            (Message("x", headers: ["": "no name"]), .invalidMessage),
            (Message("x", headers: ["data": "ours"]), .invalidMessage),
            (Message("x", headers: ["sb-key": "ours"]), .invalidMessage),
            (Message("x", headers: ["a\nb": "control"]), .invalidMessage),
        ]
        try await EnvelopeBench.with { bench in
            for (message, code) in refused {
                let error = await #expect(throws: BrokerError.self) {
                    try await bench.registry.publish(message, to: "raw")
                }
                #expect(error?.code == code)
            }
            #expect(try await bench.command(["raw"], name: "XLEN").integer == 0)
            try await bench.registry.publish(Message("fine"), to: "raw")
            #expect(await bench.raw.wait(for: 1).map(\.payload) == ["fine"])
        }
    }

    @Test("Entries written by somebody else are delivered, their fields as headers")
    func foreigners() async throws {
        try await EnvelopeBench.with { bench in
            try await bench.add("raw", ["temperature", "21"])
            try await bench.add("raw", ["data", "first", "data", "second", "a", "1", "a", "2"])
            try await bench.add("raw", ["", "a field without a name"])
            try await bench.add("raw", ["sb-reason", "made up", "version", "999"])
            let seen = await bench.raw.wait(for: 4)
            #expect(seen.map(\.hasPayload) == [false, true, false, false])
            #expect(seen[1].payload == "first")
            #expect(
                seen.map { $0.headers.map(\.name) } == [
                    ["temperature"], ["data", "a", "a"], [""], ["sb-reason", "version"],
                ])
        }
    }

    @Test("An entry with ten thousand fields is handled, and dead-lettered with all of them")
    func manyFields() async throws {
        let fields = (0..<10_000).flatMap { ["f\($0)", "\($0)"] }
        try await EnvelopeBench.with { bench in
            try await bench.add("failing", fields + ["data", "body"])
            let letter = try await bench.deadLetter(of: "failing")
            #expect(letter.headers.count == 10_008)
            #expect(letter.headers["f9999"] == "9999")
            #expect(letter.payload == "body")
        }
    }

    @Test("A body that cannot be decoded is a dead letter after one attempt, and its bytes are not in the reason")
    func undecodable() async throws {
        let bodies = [
            "", "{\"amount\":", "{\"amount\":\"secret\"}", String(repeating: "[", count: 5_000), "{\"amount\":1e400}",
            "null", "\u{FEFF}{}", "{\"amount\":18446744073709551616}",
        ]
        try await EnvelopeBench.with { bench in
            for body in bodies { try await bench.registry.publish(Message(Payload(body)), to: "typed") }
            try await bench.registry.publish(Message("{\"amount\":1,\"amount\":1}"), to: "typed")
            try await bench.registry.publish(Message("{\"amount\":7}"), to: "typed")
            let amounts = await bench.amounts.wait(for: 2)
            #expect(amounts.sorted() == [1, 7])
            for body in bodies {
                let letter = try await bench.deadLetter(of: "typed")
                #expect(letter.payload.string == body)
                #expect(letter.headers["sb-reason"] == "undecodable")
                #expect(letter.headers["sb-attempts"] == "1")
                #expect(letter.headers["sb-error"]?.contains("secret") == false)
            }
        }
    }

    @Test("An id from the first or the last day of the world is an id like any other")
    func strangeIDs() async throws {
        try await EnvelopeBench.with { bench in
            try await bench.command(["raw", "0-1", "data", "old"])
            try await bench.command(["raw", "99999999999999-18446744073709551615", "data", "far"])
            #expect(await bench.raw.wait(for: 2).map(\.payload) == ["old", "far"])
            try await bench.command(["failing", "18446744073709551615-18446744073709551614", "data", "last"])
            #expect(try await bench.deadLetter(of: "failing").headers["sb-origin-id"]?.hasSuffix("14") == true)
        }
    }

    @Test("Delays below zero mean now, and one of a hundred years keeps the message waiting")
    func delays() async throws {
        try await EnvelopeBench.with { bench in
            try await bench.registry.publish(Message("-5"), to: "delayed")
            try await bench.registry.publish(Message("3155760000"), to: "delayed")
            let seen = await bench.attempts.wait(for: 3)
            #expect(seen.sorted() == ["-5 1", "-5 2", "3155760000 1"])
            try await bench.wait(for: 1, waitingIn: "delayed")
        }
    }

    @Test("A dead letter that somebody edited is handled like any message")
    func editedDeadLetters() async throws {
        try await EnvelopeBench.with { bench in
            try await bench.add(
                "{raw}:failures", ["data", "x", "sb-origin-id", "nonsense", "sb-attempts", "-1", "sb-reason", ""])
            let letter = await bench.letters.wait(for: 1)[0]
            #expect(letter.headers.map(\.value) == ["nonsense", "-1", ""])
        }
    }
}
