// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisWire
import Testing

/// How a batch is divided, and what the replies become.
@Suite struct ClusterBatchTests {
    @Test func oneNodeGetsOneWriteAndItsRepliesAreTheReplies() throws {
        var run = BatchRun(batch("b 1", "b 2", "f 3"), try MapOfTest())
        #expect(run.sent == ["0 7001: DO b 1, DO b 2, DO f 3"])
        #expect(run.batch.nextWake == nil)
        try run.answer(7001, "+1", ":2", "$-1")
        #expect(try run.texts == ["+1", "2", "nil"])
    }

    @Test func eachNodeGetsOneWriteAndRepliesStandWhereTheCommandsDo() throws {
        var run = BatchRun(batch("b 1", "c 2", "b 3", "a 4", "c 5"), try MapOfTest())
        #expect(run.sent == ["0 7001: DO b 1, DO b 3", "0 7002: DO c 2, DO c 5", "0 7003: DO a 4"])
        try run.answer(7003, "*2\r\n$1\r\nx\r\n*1\r\n:9")
        try run.answer(7001, "+1", "+3")
        #expect(run.result == nil)
        try run.answer(7002, "-WRONGTYPE no", "+5")
        #expect(try run.texts == ["+1", "-WRONGTYPE no", "+3", "[\"x\" [9]]", "+5"])
        #expect(run.doubts == 0)
    }

    @Test func aNodeThatIsLostFailsItsOwnCommandsOnly() throws {
        var run = BatchRun(batch("b 1", "c 2", "b 3"), try MapOfTest())
        try run.fail(7001, RedisError(.connection, "the connection was lost", effect: .unknown))
        #expect(run.open.map { $0.node?.port } == [7002])
        try run.answer(7002, "+2")
        #expect(try run.errors == ["connection unknown", "-", "connection unknown"])
        #expect(run.sent.count == 2)
        #expect(run.doubts == 1)
    }

    @Test func aBatchOfWhichNothingIsAnsweredFailsAsAWhole() throws {
        var run = BatchRun(batch("b 1", "c 2"), try MapOfTest())
        try run.fail(7001, RedisError(.overloaded, "too much"))
        try run.fail(7002, RedisError(.timeout, "silent", effect: .unknown))
        #expect(run.failure == "timeout unknown")
    }

    @Test(arguments: [
        RedisError(.overloaded, "too much"), RedisError(.closed, "closed"), RedisError(.tls, "no certificate"),
        RedisError(ServerError("WRONGPASS invalid username-password pair")),
        RedisError(.timeout, "silent", effect: .unknown), RedisError(.malformedReply, "what?", effect: .unknown),
    ])
    func whatIsNotAnAnswerIsNeverSentAgain(error: RedisError) throws {
        var run = BatchRun(batch("b 1"), try MapOfTest())
        try run.fail(7001, error)
        #expect(run.sent.count == 1)
        #expect(run.failure == "\(error.code) \(error.effect)")
    }

    @Test func anErrorOfOursSaysWhatOtherErrorsOfTheWireSay() throws {
        var run = BatchRun(batch("b 1", "c 2"), try MapOfTest())
        try run.fail(7001, RedisError(ServerError("WRONGPASS invalid username-password pair")))
        try run.answer(7002, "+2")
        let first = try run.result?.get()[0]?.error
        let error = try #require(first)
        #expect(error.reaction == .alarm)
        #expect(error.text == "WRONGPASS invalid username-password pair")
        #expect(RedisError(error).serverError?.reaction == .alarm)
    }

    @Test func commandsWithoutAKeyGoToAnyNode() throws {
        var commands = RedisCommands("INFO", for: .anyNode)
        commands.add("PING", [], for: .anyNode)
        var run = BatchRun(commands, try MapOfTest())
        #expect(run.sent == ["0 any: INFO, PING"])
        try run.answer(0, "-LOADING Redis is loading the dataset in memory", "+PONG")
        #expect(run.sent.last == "0 not 7002: INFO")
        try run.answer(0, "+facts")
        #expect(try run.texts == ["+facts", "+PONG"])
    }

    @Test func whatConcernsAllKeysGoesToEveryPrimary() throws {
        var run = BatchRun(RedisCommands("PUBSUB", "CHANNELS", for: .everyPrimary), try MapOfTest())
        #expect(
            run.sent == ["0 7001: PUBSUB CHANNELS", "0 7002: PUBSUB CHANNELS", "0 7003: PUBSUB CHANNELS"])
        try run.answer(7002, "*1\r\n+two")
        try run.answer(7001, "*2\r\n+one\r\n*1\r\n:1")
        try run.answer(7003, "*0")
        #expect(try run.texts == ["[+one [1] +two]"])
    }

    @Test func oneErrorOfAPrimaryIsTheErrorOfAll() throws {
        var run = BatchRun(RedisCommands("FLUSHALL", for: .everyPrimary), try MapOfTest())
        try run.answer(7001, "+OK")
        try run.answer(7002, "-NOPERM no")
        try run.answer(7003, "+OK")
        #expect(try run.texts == ["-NOPERM no"])
    }

    @Test func withoutANodeNothingGoesToEveryPrimary() throws {
        let run = BatchRun(RedisCommands("SCAN", "0", for: .everyPrimary), try MapOfTest([]))
        #expect(run.failure == "connection notApplied")
    }
}

/// A read of streams in several slots.
@Suite struct ClusterReadTests {
    private func read(_ keys: [String]) -> RedisCommands {
        RedisCommands(
            "XREADGROUP", "GROUP", "g", "me", "COUNT", "2", "STREAMS", keys[0], keys[1], keys[2], ">", ">", ">",
            for: .keys(keys))
    }

    @Test func isDividedBySlotAndItsArraysAreJoined() throws {
        var run = BatchRun(read(["b", "c", "f"]), try MapOfTest())
        #expect(
            run.sent == [
                "0 7001: XREADGROUP GROUP g me COUNT 2 STREAMS b >, XREADGROUP GROUP g me COUNT 2 STREAMS f >",
                "0 7002: XREADGROUP GROUP g me COUNT 2 STREAMS c >",
            ])
        try run.answer(7002, "*1\r\n*2\r\n$1\r\nc\r\n*0")
        try run.answer(7001, "*1\r\n*2\r\n$1\r\nb\r\n*0", "$-1")
        #expect(try run.texts == ["[[\"b\" []] [\"c\" []]]"])
    }

    @Test func staysWholeWithinASlot() throws {
        let run = BatchRun(read(["{b}1", "b", "{b}2"]), try MapOfTest())
        #expect(run.sent == ["0 7001: XREADGROUP GROUP g me COUNT 2 STREAMS {b}1 b {b}2 > > >"])
    }

    @Test func whatWasReadIsNotDroppedForTheErrorOfAnotherSlot() throws {
        var run = BatchRun(read(["b", "c", "f"]), try MapOfTest())
        try run.answer(7002, "-NOGROUP no")
        try run.answer(7001, "*1\r\n*2\r\n$1\r\nb\r\n*0", "$-1")
        #expect(try run.texts == ["[[\"b\" []]]"])
        var empty = BatchRun(read(["b", "c", "f"]), try MapOfTest())
        try empty.answer(7002, "-NOGROUP no")
        try empty.answer(7001, "*-1", "$-1")
        #expect(try empty.texts == ["-NOGROUP no"])
    }

    @Test func aReadThatBlocksNamesOneSlot() throws {
        let run = BatchRun(read(["b", "c", "f"]), try MapOfTest(), isBlocking: true)
        #expect(run.failure == "server notApplied")
        #expect(run.sent.isEmpty)
    }

    @Test func eachSlotFollowsItsOwnWay() throws {
        var run = BatchRun(read(["b", "c", "f"]), try MapOfTest())
        try run.answer(7001, "-MOVED 3300 10.0.0.1:7003", "*1\r\n*2\r\n$1\r\nf\r\n*0")
        #expect(run.sent.last == "0 7003: XREADGROUP GROUP g me COUNT 2 STREAMS b >")
        try run.answer(7002, "$-1")
        try run.answer(7003, "*1\r\n*2\r\n$1\r\nb\r\n*0")
        #expect(try run.texts == ["[[\"b\" []] [\"f\" []]]"])
    }
}

/// Commands that keep their order are one transaction for each slot.
@Suite struct ClusterTransactionTests {
    @Test func commandsOfOneSlotAreATransaction() throws {
        var run = BatchRun(batch("b 1", "c 2", "b 3", "f 4", keepsOrder: true), try MapOfTest())
        #expect(run.sent == ["0 7001: MULTI, DO b 1, DO b 3, EXEC, DO f 4", "0 7002: DO c 2"])
        try run.answer(7001, "+OK", "+QUEUED", "+QUEUED", "*2\r\n+1\r\n-WRONGTYPE no", "+4")
        try run.answer(7002, "+2")
        #expect(try run.texts == ["+1", "+2", "-WRONGTYPE no", "+4"])
    }

    @Test func commandsWithoutAKeyStayOutside() throws {
        var commands = batch("b 1", "b 2", keepsOrder: true)
        commands.add("PING", [], for: .anyNode)
        commands.add("PING", [], for: .anyNode)
        #expect(
            BatchRun(commands, try MapOfTest()).sent == ["0 7001: MULTI, DO b 1, DO b 2, EXEC", "0 any: PING, PING"])
    }

    @Test(arguments: [
        ["+OK", "-MOVED 3300 10.0.0.1:7002", "-MOVED 3300 10.0.0.1:7002", "-EXECABORT no"],
        ["+OK", "+QUEUED", "-MOVED 3300 10.0.0.1:7002", "-EXECABORT no"],
        ["+OK", "+QUEUED", "+QUEUED", "-MOVED 3300 10.0.0.1:7002"],
        ["+OK", "+QUEUED", "+QUEUED", "-EXECABORT Transaction discarded because of: MOVED 3300 10.0.0.1:7002"],
    ])
    func isSentAgainAsAWhole(answers: [String]) throws {
        var run = BatchRun(batch("b 1", "b 2", keepsOrder: true), try MapOfTest())
        try run.answer(7001, answers[0], answers[1], answers[2], answers[3])
        #expect(run.sent.last == "0 7002: MULTI, DO b 1, DO b 2, EXEC")
        try run.answer(7002, "+OK", "+QUEUED", "+QUEUED", "*2\r\n+1\r\n+2")
        #expect(try run.texts == ["+1", "+2"])
    }

    @Test func askingStandsBeforeIt() throws {
        var run = BatchRun(batch("b 1", "b 2", keepsOrder: true), try MapOfTest())
        try run.answer(7001, "+OK", "+QUEUED", "+QUEUED", "-ASK 3300 10.0.0.1:7002")
        #expect(run.sent.last == "0 7002: ASKING, MULTI, DO b 1, DO b 2, EXEC")
        try run.answer(7002, "+OK", "+OK", "+QUEUED", "+QUEUED", "*2\r\n+1\r\n+2")
        #expect(try run.texts == ["+1", "+2"])
    }

    @Test func aRefusalForAnotherCauseIsTheReplyToEach() throws {
        var run = BatchRun(batch("b 1", "b 2", keepsOrder: true), try MapOfTest())
        try run.answer(7001, "+OK", "+QUEUED", "-OOM no memory", "-EXECABORT discarded")
        #expect(try run.texts == ["-OOM no memory", "-OOM no memory"])
        #expect(try run.errors == ["server notApplied", "server notApplied"])
    }

    @Test func withoutMultiEachCommandStandsForItself() throws {
        var run = BatchRun(batch("b 1", "b 2", keepsOrder: true), try MapOfTest())
        try run.answer(7001, "-LOADING not yet", "-LOADING not yet", "+2", "-ERR EXEC without MULTI")
        try run.wait()
        #expect(run.sent.last == "20 7001: DO b 1")
        try run.answer(7001, "+1")
        #expect(try run.texts == ["+1", "+2"])
    }

    @Test func aLostTransactionIsUnknown() throws {
        var run = BatchRun(batch("b 1", "b 2", keepsOrder: true), try MapOfTest())
        try run.fail(7001, RedisError(.connection, "lost", effect: .unknown))
        #expect(run.failure == "connection unknown")
        #expect(run.sent.count == 1)
    }
}
