// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct PayloadTests {
    @Test func aWindowHasItsOwnBytesAndEqualsACopyOfThem() {
        let storage = [UInt8](0...255)
        let window = Payload(storage: storage, window: 10..<20)
        #expect(window.count == 10)
        #expect(window.bytes == [UInt8](10...19))
        #expect(window == Payload([UInt8](10...19)))
        #expect(window.hashValue == Payload([UInt8](10...19)).hashValue)
        #expect(window != Payload([UInt8](11...20)))
        #expect(window.withUnsafeBytes { $0.count } == 10)
    }

    @Test func detachingKeepsTheBytesAndLetsGoOfTheStorage() {
        let window = Payload(storage: [UInt8](repeating: 7, count: 1 << 20), window: 5..<8)
        #expect(window.detached() == window)
        #expect(window.detached().bytes.capacity < 64)
    }

    @Test func invalidTextIsReadWithReplacements() {
        #expect(Payload([0x61, 0xFF, 0x62]).string == "a\u{FFFD}b")
        #expect(Payload("äö").bytes == Array("äö".utf8))
    }

    @Test func descriptionsShowTheSizeAlone() {
        #expect("\(Payload("secret"))" == "6 bytes")
        #expect(String(reflecting: Payload("secret")) == "6 bytes")
    }

    @Test func emptyAndAbsentBodiesDiffer() {
        #expect(Message(Payload.empty).hasPayload)
        #expect(!Message(headers: ["a": "b"]).hasPayload)
        #expect(Message(Payload.empty) != Message(headers: [:]))
    }
}

@Suite struct HeadersTests {
    @Test func keepTheirOrderAndTheirRepetitions() {
        var headers: Headers = ["b": "1", "a": "2"]
        headers.append("b", "3")
        #expect(headers.map(\.name) == ["b", "a", "b"])
        #expect(headers["b"] == "1")
        #expect(headers["c"] == nil)
    }

    @Test func settingReplacesAllOfAName() {
        var headers: Headers = ["b": "1", "a": "2"]
        headers.append("b", "3")
        headers["b"] = "4"
        #expect(headers.map(\.name) == ["a", "b"])
        headers["b"] = nil
        #expect(headers.map(\.name) == ["a"])
    }

    @Test func valuesAreBytes() {
        var headers = Headers()
        headers.append("raw", bytes: Payload([0, 255, 10]))
        #expect(headers.bytes(of: "raw")?.bytes == [0, 255, 10])
        #expect(headers["raw"] == "\0\u{FFFD}\n")
        #expect("\(headers)" == "1 headers")
    }
}
