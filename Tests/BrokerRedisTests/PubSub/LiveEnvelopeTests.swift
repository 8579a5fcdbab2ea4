// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// What travels over a channel, byte by byte.
@Suite struct LiveEnvelopeTests {
    @Test func aPlainMessageIsItsBytes() {
        #expect(LiveEnvelope.encode(Message("{\"a\":1}")).bytes == Array("{\"a\":1}".utf8))
        #expect(LiveEnvelope.encode(Message([])).bytes == [])
    }

    @Test func keyAndHeadersTravelInAnEnvelope() {
        let message = Message("hi", key: "k", headers: ["a": "1"])
        let expected: [UInt8] =
            [0xF5, 0x53, 0x42, 0x4C, 0, 1, 3] + [0, 0, 0, 1, 0x6B] + [0, 0, 0, 1] + [0, 0, 0, 1, 0x61]
            + [0, 0, 0, 1, 0x31] + [0, 0, 0, 2, 0x68, 0x69]
        #expect(LiveEnvelope.encode(message).bytes == expected)
        #expect(LiveEnvelope.decode(expected) == message)
    }

    @Test(arguments: [
        Message("x", key: ""), Message(headers: [:]), Message(key: "only", headers: [:]),
        Message([], headers: ["a": ""]), Message("x", key: "é", headers: ["a": "1", "bb": "22"]), Message("plain"),
        Message([0xF5, 0x53, 0x42, 0x4C, 0, 1, 9, 9]), Message([0xF5, 0x53, 0x42, 0x4C, 0]),
    ])
    func whatWasPublishedArrives(message: Message) {
        let bytes = LiveEnvelope.encode(message).bytes
        #expect(bytes.count == LiveEnvelope.size(of: message))
        let arrived = LiveEnvelope.decode(bytes)
        #expect(arrived == message)
        #expect(arrived.hasPayload == message.hasPayload)
    }

    /// Every beginning of an envelope, and every envelope with one byte changed, is a message all the same.
    @Test func whatIsNoEnvelopeToTheLastByteIsAPayload() {
        let whole = LiveEnvelope.encode(Message("payload", key: "key", headers: ["name": "value", "n2": "v2"])).bytes
        for length in 0..<whole.count {
            let cut = Array(whole[..<length])
            #expect(LiveEnvelope.decode(cut) == Message(cut))
        }
        #expect(LiveEnvelope.decode(whole + [0]) == Message(whole + [0]))
        for place in whole.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] where whole[place] != value {
                var bytes = whole
                bytes[place] = value
                _ = LiveEnvelope.decode(bytes)
            }
        }
    }

    @Test func lengthsThatLieReserveNothing() {
        let head: [UInt8] = [0xF5, 0x53, 0x42, 0x4C, 0, 1]
        let lies: [[UInt8]] = [
            head + [0, 0xFF, 0xFF, 0xFF, 0xFF], head + [2, 0xFF, 0xFF, 0xFF, 0xFF],
            head + [1, 0, 0, 0, 0, 0x7F, 0, 0, 0],
            head + [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], head + [0, 0, 0, 0, 1, 0, 0, 0, 1, 0xFF, 0, 0, 0, 0],
            head + [4, 0, 0, 0, 0],
        ]
        for lie in lies { #expect(LiveEnvelope.decode(lie) == Message(lie)) }
    }
}
