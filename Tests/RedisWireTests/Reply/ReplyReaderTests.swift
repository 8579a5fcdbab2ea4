// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

@Suite struct ReplyReaderTests {
    private static let wire =
        "+OK\r\n-ERR no\r\n:-42\r\n$5\r\nhe\r\no\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
        + "*2\r\n*3\r\n:1\r\n*0\r\n$1\r\na\r\n*1\r\n*1\r\n+deep\r\n"
    private static let values = [
        "+OK", "-ERR no", "-42", "\"he\r\no\"", "\"\"", "nil", "nil", "[]", "[[1 [] \"a\"] [[+deep]]]",
    ]

    @Test func readsEveryKindOfValue() throws {
        #expect(try read(Self.wire) == Self.values)
    }

    @Test func readsTheSameWhereverTheBytesAreCut() throws {
        let bytes = Array(Self.wire.utf8)
        for cut in 1..<bytes.count {
            let reader = try #require(ReplyReader(limits: ReplyLimits()))
            var texts: [String] = []
            try feed(Array(bytes[..<cut]), to: reader) { texts.append(text(of: $0)) }
            try feed(Array(bytes[cut...]), to: reader) { texts.append(text(of: $0)) }
            #expect(texts == Self.values, "cut at \(cut)")
        }
    }

    @Test func readsTheSameByteByByte() throws {
        #expect(try read(Self.wire, chunk: 1) == Self.values)
    }

    @Test func aReplyThatIsNotWholeIsNeverHandedOver() throws {
        for cut in 0..<9 {
            #expect(try read(Array("$3\r\nabc\r\n".utf8.prefix(cut))) == [])
        }
    }

    @Test func readsWhatLiesInOneTapeForABatch() throws {
        let reader = try #require(ReplyReader(limits: ReplyLimits()))
        var count = 0
        try Array(Self.wire.utf8).withUnsafeBytes { bytes in
            try reader.read(bytes) { () throws(ReplyRefusal) in count += 1 }
        }
        let replies = reader.take(count)
        #expect(replies.map(text) == Self.values)
        #expect(replies[8].map(text) == Self.values[8])
        #expect(replies[9] == nil)
        #expect(replies[-1] == nil)
    }

    @Test func takesEightLevelsAndRefusesNine() throws {
        let eight = String(repeating: "*1\r\n", count: 8) + ":7\r\n"
        #expect(try read(eight) == ["[[[[[[[[7]]]]]]]]"])
        #expect(throws: ReplyRefusal.self) { try read("*1\r\n" + eight) }
    }

    @Test(arguments: [
        "*2147483647\r\n", "*2147483648\r\n", "*16777217\r\n", "*-2\r\n", "*9223372036854775807\r\n", "*x\r\n",
        "$536870913\r\n", "$536870913\r\nabc", "$99999999999999999999\r\n", "$-2\r\n", "$\r\n\r\n", "$3\r\nabcde",
        ":\r\n", ":12a\r\n", "%1\r\n", "~1\r\n", ">1\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "(1\r\n", "=5\r\ntxt:a\r\n",
        "hello\r\n", "\r\n", "\0", "HTTP/1.1 400 Bad Request\r\n",
    ])
    func refusesWhatIsNoReplyOrTooLarge(_ wire: String) throws {
        #expect(throws: ReplyRefusal.self) { try read(wire) }
        #expect(throws: ReplyRefusal.self) { try read(wire, chunk: 1) }
    }

    @Test func refusesATextByItsHeaderWhenItsBytesHaveNotCome() throws {
        var limits = ReplyLimits()
        limits.textBytes = 1000
        #expect(try read("$1000\r\nab", limits: limits) == [])
        #expect(throws: ReplyRefusal.self) { try read("$1001\r\n", limits: limits) }
        #expect(throws: ReplyRefusal.self) { try read("*2\r\n:1\r\n$1001\r\n", limits: limits) }
    }

    @Test func refusesALineWithoutEnd() {
        #expect(throws: ReplyRefusal.self) { try read("+" + String(repeating: "a", count: 70_000), chunk: 1000) }
        #expect(throws: ReplyRefusal.self) { try read("$" + String(repeating: "1", count: 70_000), chunk: 1000) }
    }

    @Test func aLineHasTheSameBoundHoweverItComes() throws {
        var limits = ReplyLimits()
        limits.lineBytes = 10
        for chunk in [nil, 1, 11, 12] {
            #expect(try read("+0123456789\r\n", chunk: chunk, limits: limits) == ["+0123456789"])
            #expect(throws: ReplyRefusal.self) { try read("-0123456789a\r\n", chunk: chunk, limits: limits) }
        }
    }

    @Test func aNumberThatLacksAByteAnnouncesNothing() throws {
        #expect(try read(":1700000000000\r\n", chunk: 15) == ["1700000000000"])
        #expect(try read("-99999999999999999999\r\n", chunk: 1) == ["-99999999999999999999"])
    }

    @Test func refusesMoreThanABatchMayTake() {
        var limits = ReplyLimits()
        limits.batchBytes = 10_000
        let flood = "*1000000\r\n" + String(repeating: ":1\r\n", count: 1000)
        #expect(throws: ReplyRefusal.self) { try read(flood, limits: limits) }
        let texts = "*1000000\r\n" + String(repeating: "$4000\r\n\(String(repeating: "a", count: 4000))\r\n", count: 3)
        #expect(throws: ReplyRefusal.self) { try read(texts, limits: limits) }
    }

    @Test func feedsAtMostSixteenKibibytesAtATime() throws {
        let reader = try #require(ReplyReader(limits: ReplyLimits()))
        let body = [UInt8](repeating: 120, count: 3_000_000)
        var sizes: [Int] = []
        try feed(Array("$3000000\r\n".utf8) + body + Array("\r\n:1\r\n".utf8), to: reader) {
            sizes.append($0.window?.count ?? -1)
        }
        #expect(sizes == [3_000_000, -1])
        #expect(reader.largestFeedSeen == 16 << 10)
    }

    @Test func survivesAnyBytes() {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("*$+-:0123456789\r\n\r\n\r\nab%_".utf8)
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let whole = Result { try read(bytes) }
            let single = Result { try read(bytes, chunk: 1) }
            if case .success(let texts) = whole, case .success(let others) = single { #expect(texts == others) }
            #expect((try? whole.get()) == nil || (try? single.get()) != nil)
        }
    }
}
