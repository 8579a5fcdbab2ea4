// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Messages arrive byte by byte as they were published.
enum PayloadChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("payloads of 0 bytes to 1 MiB arrive byte-exact", sizes),
        ConformanceCheck("an empty payload is not an absent one", absence),
        ConformanceCheck("headers keep their order, repeated names and binary values", headers),
        ConformanceCheck("ordering keys arrive", keys),
    ]

    @Sendable static func sizes(_ bench: ConformanceBench) async throws {
        var generator = SeededGenerator(seed: 1)
        let everyByte = (0...255).map { UInt8($0) }
        let random = [1, 2, 63, 1024, 65_535, 65_536, 1 << 20].map { size in
            (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        let bodies = [[], everyByte, Array("\r\n$-1\r\n*0\r\n\0".utf8)] + random
        try await expectArrival(bodies.map { Message($0) }, bench)
    }

    @Sendable static func absence(_ bench: ConformanceBench) async throws {
        let messages = [
            Message(Payload.empty, headers: ["kind": "empty"]), Message(headers: ["kind": "absent"]),
            Message(Payload("full"), headers: ["kind": "full"]),
        ]
        try await expectArrival(messages, bench)
    }

    @Sendable static func headers(_ bench: ConformanceBench) async throws {
        var headers: Headers = ["z": "1", "a": "2", "empty": "", "ünï": "✓"]
        headers.append("a", "again")
        headers.append("binary", bytes: Payload([0, 255, 13, 10, 0]))
        headers.append("z", "last")
        let many = Headers((0..<Headers.maximumCount).map { Headers.Header(name: "h\($0)", value: Payload("\($0)")) })
        try await expectArrival([Message("a", headers: headers), Message("b", headers: many), Message("c")], bench)
    }

    @Sendable static func keys(_ bench: ConformanceBench) async throws {
        let messages = [
            Message("a", key: "customer-1"), Message("b", key: ""), Message("c"), Message("d", key: "ключ\n"),
            Message(key: "no body", headers: ["a": "b"]),
        ]
        try await expectArrival(messages, bench)
    }

    private static func expectArrival(_ messages: [Message], _ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let ids = try await bench.publish(messages, to: stream)
        let found = try await bench.collect(messages.count, from: subscription)
        let byID = Dictionary(zip(bench.ids(of: found), found.map(\.message)), uniquingKeysWith: { $1 })
        for (id, message) in zip(ids, messages) {
            guard let arrived = byID[id] else { throw ConformanceFailure("a message did not arrive") }
            try expect(arrived, sameAs: message)
        }
    }

    /// Compares part by part, since a message prints nothing of its content.
    static func expect(_ arrived: Message, sameAs message: Message) throws {
        try BrokerTestKit.expect(arrived.hasPayload, is: message.hasPayload, "whether there is a payload")
        try BrokerTestKit.expect(arrived.payload == message.payload, "a payload of \(message.payload) is unchanged")
        try BrokerTestKit.expect(arrived.key, is: message.key, "the ordering key")
        try BrokerTestKit.expect(
            arrived.headers.map(\.name), is: message.headers.map(\.name), "the names of the headers, in order")
        try BrokerTestKit.expect(arrived.headers == message.headers, "the values of the headers are unchanged")
    }
}
