// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

@Suite struct RedisReplyTests {
    private func reply(_ wire: String) throws -> RedisReply {
        let reader = try #require(ReplyReader(limits: ReplyLimits()))
        var replies: [RedisReply] = []
        try feed(Array(wire.utf8), to: reader) { replies.append($0) }
        return try #require(replies.first)
    }

    @Test func readsIntegersAlsoFromTexts() throws {
        #expect(try reply(":9223372036854775807\r\n").integer == .max)
        #expect(try reply("$2\r\n17\r\n").integer == 17)
        #expect(try reply("$1\r\nx\r\n").integer == nil)
        #expect(try reply("$-1\r\n").integer == nil)
        #expect(try reply("*1\r\n:1\r\n").integer == nil)
    }

    @Test func aWindowPointsIntoTheStorageOfTheBatch() throws {
        let array = try reply("*3\r\n$3\r\nabc\r\n:1\r\n$2\r\nde\r\n")
        let last = try #require(array.elements[2])
        #expect(last.window == 3..<5)
        #expect(last.storage == Array("abcde".utf8))
        #expect(last.bytes == Array("de".utf8))
        #expect(last.withUnsafeBytes { Array($0) } == Array("de".utf8))
        #expect(array.window == nil)
        #expect(array.withUnsafeBytes { $0.count } == 0)
    }

    @Test func onlyArraysHaveElements() throws {
        #expect(try reply("$3\r\nabc\r\n").elements.count == 0)
        #expect(try reply("*-1\r\n").elements.count == 0)
        let nested = try reply("*3\r\n*2\r\n:1\r\n:2\r\n*0\r\n:3\r\n")
        #expect(nested.elements.map(\.elements.count) == [2, 0, 0])
        #expect(nested.elements[2]?.integer == 3)
    }

    @Test func bytesNeedNotBeText() throws {
        let reader = try #require(ReplyReader(limits: ReplyLimits()))
        var replies: [RedisReply] = []
        try feed(Array("$3\r\n".utf8) + [0, 255, 13] + Array("\r\n".utf8), to: reader) { replies.append($0) }
        #expect(replies.first?.bytes == [0, 255, 13])
    }

    @Test func itsDescriptionShowsNoBytes() throws {
        #expect("\(try reply("$6\r\nsecret\r\n"))" == "text of 6")
        #expect(String(reflecting: try reply("$6\r\nsecret\r\n")) == "text of 6")
    }
}
