// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

@Suite(.inRealTime) struct RedisCommandsTests {
    @Test func encodesTheSizeOfABatch() {
        var commands = RedisCommands()
        commands.begin(3, "XADD")
        commands.add("größe")
        commands.add([0, 13, 10, 255])
        commands.begin(1, "PING")
        #expect(commands.count == 2)
        #expect(
            commands.byteCount == "*3\r\n$4\r\nXADD\r\n$7\r\ngröße\r\n$4\r\n....\r\n*1\r\n$4\r\nPING\r\n".utf8.count)
    }

    @Test(arguments: [0, 9, 10, -7, .min, .max]) func aWholeCommandIsThatOfItsParts(number: Int) {
        var (whole, parts) = (RedisCommands(capacity: 0), RedisCommands(capacity: 0))
        let body = [UInt8](repeating: 7, count: 10_000)
        for key in ["", "größe"] {
            whole.add(5, "XADD", for: .key(key), byteCount: key.utf8.count + body.count + 1) { command in
                command.add(key)
                command.add(number)
                command.add("*" as StaticString)
                body.withUnsafeBytes { command.add($0) }
            }
            parts.begin(5, "XADD", for: .key(key))
            parts.add(key)
            parts.add(number)
            parts.add("*" as StaticString)
            parts.add(body)
        }
        #expect(whole.wire == parts.wire)
        #expect(whole.count == 2)
        #expect(whole.routes.runs.map(\.byte) == parts.routes.runs.map(\.byte))
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (String(repeating: "x", count: 55), "cef734ba81a024479e09eb5a75b6ddae62e6abf1"),
        (String(repeating: "x", count: 56), "901305367c259952f4e7af8323f480d59f81335b"),
        (String(repeating: "x", count: 63), "0ddc4e0cccd9a12850deb5abb0853a4425559fec"),
        (String(repeating: "x", count: 64), "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163"),
        (String(repeating: "x", count: 119), "4300320394f7ee239bcdce7d3b8bcee173a0cd5c"),
        (String(repeating: "x", count: 120), "ceb2821639c4b6dcb10bce0e522ca2e608ce056d"),
        (String(repeating: "x", count: 1000), "c3efa690fa3fdd2e2526853eed670538ea127638"),
    ])
    func namesAScriptAsTheServerDoes(_ text: String, _ digest: String) {
        #expect(RedisScript(text).digest == digest)
    }
}
