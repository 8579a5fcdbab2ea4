// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

@Suite("Entries of ours", .inRealTime, .serialized)
struct OwnEntryTests {
    @Test("A payload comes back byte for byte, from nothing to a mebibyte")
    func sizes() async throws {
        try await EntryBench.with { bench in
            for size in [0, 1, 15, 16, 17, 4_095, 4_096, 4_097, 65_536, 1 << 20] {
                let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let message = try await bench.stored(Message(bytes)).message
                #expect(message.payload.bytes == bytes)
                #expect(message.hasPayload)
            }
        }
    }

    @Test("An empty payload, none, and nothing at all are told apart")
    func nothing() async throws {
        try await EntryBench.with { bench in
            for message in [
                Message([]), Message(headers: ["a": "b"]), Message(key: "k", headers: [:]), Message(headers: [:]),
            ] {
                let stored = try await bench.stored(message).message
                #expect(stored == message)
            }
            #expect(EntryEncoder.valueCount(of: Message(headers: [:])) == 2, "an entry has at least one field")
        }
    }

    @Test("Headers keep their order, their repetitions and their bytes")
    func headers() async throws {
        try await EntryBench.with { bench in
            var headers: Headers = ["z": "1", "a": "2", "z": "3", "leer": "", "größe": "ß"]
            headers.append("raw", bytes: Payload((0...255).map { UInt8($0) }))
            let message = Message("x", key: "🔑\r\n\0", headers: headers)
            let stored = try await bench.stored(message).message
            #expect(stored == message)
            #expect(EntryEncoder.valueCount(of: message) == 16)
        }
    }

    @Test("Ids are those that the server gave, and rise")
    func ids() async throws {
        try await EntryBench.with { bench in
            let first = try await bench.stored(Message("a")).id
            let second = try await bench.stored(Message("b")).id
            #expect(MessageID.zero < first && first < second)
        }
    }

    @Test("A bound keeps the newest")
    func bound() async throws {
        try await EntryBench.with { bench in
            var commands = RedisCommands()
            for number in 0..<20 {
                EntryEncoder.append(Message(Payload("\(number)")), to: "orders", keepingNewest: 7, in: &commands)
            }
            _ = try await bench.connection.send(commands)
            #expect(try await bench.count() == 7)
            let rest = try await bench.connection.submit(RedisCommands("XRANGE", "orders", "-", "+")).reply()
            let payloads = rest.elements.compactMap { EntryDecoder.entry($0)?.message.payload.string }
            #expect(payloads == (13..<20).map { "\($0)" })
        }
    }

    @Test("What a script publishes is stored as what is published directly")
    func arguments() async throws {
        try await ScriptBench.with { bench in
            let messages = [Message("x", key: "k", headers: ["a": "b"]), Message(headers: [:]), Message([])]
            let ids = try await bench.lease(by: "a")
            var calls = ScriptCalls()
            let values = messages.reduce(0) { $0 + 3 + EntryEncoder.valueCount(of: $1) }
            calls.begin(RedisScripts.forward, keys: 2 + messages.count, arguments: 5 + values)
            let keys = [bench.stream, bench.floor] + messages.map { _ in "{orders}:next" }
            for part in keys + [bench.group, "a", bench.epoch, ids[0], "1"] { calls.add(part) }
            for message in messages {
                // It has no bound, and no id of its publisher.
                calls.add("")
                calls.add("")
                EntryEncoder.addArguments(message, to: &calls)
            }
            #expect(RedisValue(try await bench.connection.run(calls)[0]) == [ScriptBench.done])
            let stored = try await bench.connection.submit(RedisCommands("XRANGE", "{orders}:next", "-", "+")).reply()
            #expect(stored.elements.compactMap { EntryDecoder.entry($0)?.message } == messages)
        }
    }
}
