// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisWire
import Testing

/// Where a batch goes when nodes refuse its commands.
@Suite struct ClusterRedirectTests {
    @Test func movedPatchesTheMapAndIsFollowedAtOnce() throws {
        let directory = try MapOfTest()
        var run = BatchRun(batch("b 1", "f 2"), directory)
        try run.answer(7001, "-MOVED 3300 10.0.0.1:7003", "+2")
        #expect(run.sent.last == "0 7003: DO b 1")
        #expect(directory.notes == ["3300 to 10.0.0.1:7003"])
        #expect(run.doubts == 1)
        try run.answer(7003, "+1")
        #expect(try run.texts == ["+1", "+2"])
        #expect(BatchRun(batch("b 1", "f 2"), directory).sent == ["0 7003: DO b 1", "0 7001: DO f 2"])
    }

    @Test func askIsFollowedByEachCommandAloneAndLeavesTheMap() throws {
        let directory = try MapOfTest()
        var run = BatchRun(batch("b 1", "b 2", "b 3"), directory)
        try run.answer(7001, "-ASK 3300 10.0.0.1:7002", "+2", "-ASK 3300 10.0.0.1:7002")
        #expect(run.sent.last == "0 7002: ASKING, DO b 1, ASKING, DO b 3")
        try run.answer(7002, "+OK", "+1", "+OK", "+3")
        #expect(try run.texts == ["+1", "+2", "+3"])
        #expect(directory.notes.isEmpty)
        #expect(run.doubts == 0)
    }

    @Test func askingIsSentInFrontOfEachCommandOfOneWrite() throws {
        var run = BatchRun(batch("b 1", "b 2", "b 3"), try MapOfTest())
        try run.answer(7001, "-ASK 3300 10.0.0.1:7002", "-ASK 3300 10.0.0.1:7002", "-ASK 3300 10.0.0.1:7002")
        #expect(run.sent.last == "0 7002: ASKING, DO b 1, ASKING, DO b 2, ASKING, DO b 3")
        try run.answer(7002, "+OK", "+1", "+OK", "+2", "+OK", "+3")
        #expect(try run.texts == ["+1", "+2", "+3"])
    }

    @Test func whatFollowsOnTheSameSlotGoesBehindInOrder() throws {
        var run = BatchRun(batch("b 1", "b 2", "b 3", "b 4"), try MapOfTest())
        try run.answer(
            7001, "-TRYAGAIN keys are split", "-ASK 3300 10.0.0.1:7002", "-MOVED 3300 10.0.0.1:7003", "+4")
        #expect(run.open.isEmpty)
        try run.wait()
        #expect(run.sent.last == "20 7003: DO b 1")
        try run.answer(7003, "+1")
        #expect(run.sent.last == "20 7002: ASKING, DO b 2")
        try run.answer(7002, "+OK", "-TRYAGAIN keys are split")
        try run.wait()
        #expect(run.sent.last == "60 7003: DO b 2, DO b 3")
        try run.answer(7003, "+2", "+3")
        #expect(try run.texts == ["+1", "+2", "+3", "+4"])
    }

    @Test(
        arguments: [
            "TRYAGAIN Multiple keys request during rehashing of slot", "CLUSTERDOWN The cluster is down",
            "CLUSTERDOWN Hash slot not served", "LOADING Redis is loading the dataset in memory",
            "MASTERDOWN Link with MASTER is down", "READONLY You can't write against a read only replica.",
            "MOVED 3300 ?:0", "MOVED 99999 10.0.0.1:7002", "MOVED 3301 10.0.0.1:7002", "MOVED __proto__ x:1",
            "ASK 3301 10.0.0.1:7002",
        ])
    func aNodeThatCannotNowIsAskedAgainAfterGrowingPauses(error: String) throws {
        let directory = try MapOfTest()
        var run = BatchRun(batch("b 1"), directory)
        var times: [String] = []
        for _ in 0..<8 {
            try run.answer(7001, "-\(error)")
            try run.wait()
            times.append(String(run.sent.last?.prefix { $0 != " " } ?? "?"))
        }
        #expect(times == ["20", "60", "140", "300", "620", "940", "1260", "1580"])
        #expect(run.sent.last == "1580 7001: DO b 1")
        #expect((run.doubts == 0) == error.hasPrefix("TRYAGAIN"))
        #expect(directory.notes.isEmpty)
        try run.answer(7001, "+1")
        #expect(try run.texts == ["+1"])
    }

    @Test func chanceMakesPausesShorter() throws {
        var run = BatchRun(batch("b 1"), try MapOfTest(), chance: 0)
        try run.answer(7001, "-TRYAGAIN no")
        try run.wait()
        #expect(run.sent.last == "10 7001: DO b 1")
    }

    @Test func theTimeOfTheCallBoundsIt() throws {
        var run = BatchRun(batch("b 1"), try MapOfTest(), within: .milliseconds(100))
        try run.answer(7001, "-CLUSTERDOWN The cluster is down")
        try run.wait()
        try run.answer(7001, "-CLUSTERDOWN The cluster is down")
        try run.wait()
        try run.answer(7001, "-CLUSTERDOWN The cluster is down")
        try run.wait()
        #expect(run.now == BatchRun.start + .milliseconds(100))
        #expect(try run.texts == ["-CLUSTERDOWN The cluster is down"])
        #expect(try run.errors == ["server notApplied"])
        #expect(run.sent.count == 3)
    }

    @Test func twoNodesThatNameEachOtherAreFollowedFiveTimesThenWithPauses() throws {
        var run = BatchRun(batch("b 1"), try MapOfTest())
        for _ in 0..<3 {
            try run.answer(7001, "-MOVED 3300 10.0.0.1:7002")
            if run.open.isEmpty { try run.wait() }
            try run.answer(7002, "-MOVED 3300 10.0.0.1:7001")
            if run.open.isEmpty { try run.wait() }
        }
        try run.answer(7001, "+1")
        #expect(try run.texts == ["+1"])
        #expect(
            run.sent.map { $0.prefix { $0 != ":" } } == [
                "0 7001", "0 7002", "0 7001", "0 7002", "0 7001", "0 7002", "20 7001",
            ])
    }

    @Test func aNodeThatNamesItselfIsReachedAnew() throws {
        var run = BatchRun(batch("b 1"), try MapOfTest())
        try run.answer(7001, "-MOVED 3300 10.0.0.1:7001")
        #expect(run.displaced == [7001])
        #expect(run.sent == ["0 7001: DO b 1", "0 7001: DO b 1"])
    }

    @Test(arguments: ["NOREPLICAS no", "MISCONF no", "OOM no", "CROSSSLOT no", "NOSCRIPT no", "BUSY no", "ERR no"])
    func anErrorThatIsAnAnswerIsHandedOver(error: String) throws {
        var run = BatchRun(batch("b 1"), try MapOfTest())
        try run.answer(7001, "-\(error)")
        #expect(try run.texts == ["-\(error)"])
        #expect(try run.errors == ["server notApplied"])
    }

    @Test func whatAScriptRaisedIsNotSentAgain() throws {
        var run = BatchRun(batch("b 1"), try MapOfTest())
        try run.answer(7001, "-READONLY You can't write script: f, on @user_script:1.")
        #expect(try run.errors == ["server unknown"])
        #expect(run.sent.count == 1)
    }
}

/// A node that cannot be reached.
@Suite struct ClusterAbsenceTests {
    private let refused = RedisError(.connection, "no server")

    @Test func anotherNodeIsAskedWhoHasTheSlot() throws {
        let directory = try MapOfTest()
        var run = BatchRun(batch("b 1"), directory)
        try run.fail(7001, refused)
        #expect(run.doubts == 1)
        try run.wait()
        #expect(run.sent.last == "20 not 7001: DO b 1")
        try run.answer(0, "-MOVED 3300 10.0.0.1:7001")
        #expect(run.sent.last == "20 7001: DO b 1")
        try run.fail(7001, refused)
        try run.wait()
        try run.answer(0, "-CLUSTERDOWN The cluster is down")
        try run.wait()
        try run.answer(0, "-MOVED 3300 10.0.0.1:7004")
        try run.answer(7004, "+1")
        #expect(try run.texts == ["+1"])
        #expect(directory.map.node(of: 3300)?.port == 7004)
    }

    @Test func theErrorSaysThatNothingWasApplied() throws {
        var run = BatchRun(batch("b 1"), try MapOfTest(), within: .milliseconds(30))
        try run.fail(7001, refused)
        try run.wait()
        try run.fail(0, refused)
        try run.wait()
        #expect(run.failure == "connection notApplied")
    }

    @Test func othersAreAnsweredSoonAfterTheirNodes() throws {
        var run = BatchRun(batch("b 1", "c 2"), try MapOfTest())
        try run.fail(7001, refused)
        try run.answer(7002, "+2")
        while run.result == nil {
            try run.wait()
            for write in run.open { try run.fail(write.node?.port ?? 0, refused) }
        }
        #expect(run.now <= BatchRun.start + ClusterBatch.grace)
        #expect(try run.errors == ["connection notApplied", "-"])
    }

    @Test func whatIsSentIsWaitedForWhateverTheOthersDo() throws {
        var run = BatchRun(batch("b 1", "c 2"), try MapOfTest())
        try run.answer(7002, "+2")
        #expect(run.batch.nextWake == nil)
        try run.answer(7001, "+1")
        #expect(try run.texts == ["+1", "+2"])
    }

    @Test func closingEndsWhatIsNotSent() throws {
        var run = BatchRun(batch("b 1", "c 2"), try MapOfTest())
        try run.fail(7001, refused)
        run.close()
        #expect(run.result == nil)
        try run.fail(7002, RedisError(.closed, "closed", effect: .unknown))
        #expect(run.failure == "closed unknown")
    }

    @Test func aSlotWithoutANodeIsAskedForAtAnyNode() throws {
        var run = BatchRun(batch("b 1"), try MapOfTest([[16383, 16383, ["10.0.0.1", 7003, "three"]]]))
        #expect(run.sent == ["0 any: DO b 1"])
        try run.answer(0, "-MOVED 3300 10.0.0.1:7003")
        #expect(run.sent.last == "0 7003: DO b 1")
    }
}
