// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

@Suite("Entries of others", .inRealTime, .serialized)
struct ForeignEntryTests {
    @Test("Fields of any name are headers, in their order")
    func headers() async throws {
        try await EntryBench.with { bench in
            let message = try await bench.foreign("b", "1", "a", "2", "b", "3")
            #expect(pairs(message.headers) == [["b", "1"], ["a", "2"], ["b", "3"]])
            #expect(!message.hasPayload && message.payload.isEmpty && message.key == nil)
        }
    }

    @Test("Of several payloads and keys the first counts, the others are headers")
    func repeated() async throws {
        try await EntryBench.with { bench in
            let message = try await bench.foreign("data", "1", "sb-key", "k", "data", "2", "x", "y", "sb-key", "l")
            #expect(message.payload == "1")
            #expect(message.key == "k")
            #expect(pairs(message.headers) == [["data", "2"], ["x", "y"], ["sb-key", "l"]])
        }
    }

    @Test("An empty first payload is one")
    func emptyPayload() async throws {
        try await EntryBench.with { bench in
            let message = try await bench.foreign("data", "", "data", "2")
            #expect(message.hasPayload && message.payload.isEmpty)
            #expect(pairs(message.headers) == [["data", "2"]])
        }
    }

    @Test("Empty and binary names are no reason to fail; nothing of a value is lost")
    func oddNames() async throws {
        try await EntryBench.with { bench in
            let binary: [UInt8] = [0, 255, 13, 10, 192]
            let message = try await bench.foreign([[], binary, binary, [], Array("data".utf8), binary])
            #expect(message.headers.map(\.name) == ["", String(decoding: binary, as: UTF8.self)])
            #expect(message.headers[0].value.bytes == binary)
            #expect(message.headers[1].value.isEmpty)
            #expect(message.payload.bytes == binary)
        }
    }

    @Test("Names that only resemble ours are headers")
    func resembling() async throws {
        try await EntryBench.with { bench in
            let message = try await bench.foreign("Data", "1", "dat", "2", "data ", "3", "sb-keys", "4", "sb-", "5")
            #expect(message.headers.count == 5)
            #expect(!message.hasPayload && message.key == nil)
        }
    }

    @Test("A key that is no text is read with replacements")
    func binaryKey() async throws {
        try await EntryBench.with { bench in
            let message = try await bench.foreign([Array("sb-key".utf8), [97, 255]])
            #expect(message.key == "a\u{FFFD}")
        }
    }

    @Test("Packed fields are unpacked where they stand, whatever is in them")
    func packed() async throws {
        try await EntryBench.with { bench in
            let message = try await bench.foreign("a", "1", "sb-fields", "1:b3:2:20:0:4:data1:9", "c", "3")
            #expect(pairs(message.headers) == [["a", "1"], ["b", "2:2"], ["", ""], ["data", "9"], ["c", "3"]])
            #expect(!message.hasPayload, "the payload never travels packed")
            let empty = try await bench.foreign("sb-fields", "")
            #expect(empty.headers.isEmpty)
        }
    }

    @Test(
        "Fields that are not packed as ours are a header like any other",
        arguments: [
            "x", "1", ":", "1:", "1:b", "1:b9:x", "-1:b1:x", "1:b1:xy", "99999999999999999999:b1:x", "+1:b1:x",
            "1:b1:x1:c", " 1:b1:x", "1 :b1:x",
        ])
    func malformed(text: String) async throws {
        try await EntryBench.with { bench in
            let message = try await bench.foreign("a", "1", "sb-fields", text)
            #expect(pairs(message.headers) == [["a", "1"], ["sb-fields", text]])
        }
    }

    @Test("What is no entry is none: a body that is gone, an id that is none")
    func noEntry() async throws {
        try await EntryBench.with { bench in
            _ = try await bench.foreign("data", "x")
            for command in [
                RedisCommands("EVAL", "return {'1-1', false}", "0"), RedisCommands("EVAL", "return {'1-1'}", "0"),
                RedisCommands("EVAL", "return {'x', {'data', 'x'}}", "0"), RedisCommands("PING"),
                RedisCommands("EVAL", "return {'18446744073709551616-0', {'data', 'x'}}", "0"),
                RedisCommands("EVAL", "return {'1-1 ', {'data', 'x'}}", "0"), RedisCommands("EVAL", "return {}", "0"),
            ] {
                #expect(EntryDecoder.entry(try await bench.connection.submit(command).reply()) == nil)
            }
            let greatest = "return {'18446744073709551615-18446744073709551615', {'data', 'x', 'odd'}}"
            let entry = EntryDecoder.entry(
                try await bench.connection.submit(RedisCommands("EVAL", greatest, "0")).reply())
            #expect(entry?.id == .maximum)
            #expect(entry?.message.payload == "x")
        }
    }
}
