// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisWire
import Testing

/// Batches of one letter each; what is written is the text that reaches the socket.
@Suite struct WriteTurnsTests {
    static let now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test func aCallerWritesItsBatchWhereNobodyIsWriting() {
        var turns = openTurns()
        #expect(turns.add("a") == "send a")
        #expect(turns.finish() == "nothing")
        #expect(turns.add("b") == "send b")
    }

    @Test func batchesThatComeMeanwhileAreWrittenNextInOneWrite() {
        var turns = openTurns()
        #expect(turns.add("a") == "send a")
        #expect(turns.add("b") == "nothing")
        #expect(turns.add("c") == "nothing")
        #expect(turns.finish() == "send bc")
        #expect(turns.finish() == "nothing")
    }

    @Test func afterFourWritesTheEventLoopWritesForTheOthers() {
        var turns = openTurns()
        _ = turns.add("0")
        for number in 1..<WriteTurns.turnLimit {
            #expect(turns.add("\(number)") == "nothing")
            #expect(turns.finish() == "send \(number)")
        }
        #expect(turns.add("z") == "nothing")
        #expect(turns.finish() == "wakeLoop")
        #expect(turns.loop() == "expects 4 writes z")
        #expect(turns.add("y") == "wakeLoop")
        #expect(turns.loop() == "expects 0 writes y")
        turns.endLoopWrite()
        #expect(turns.add("x") == "wakeLoop", "one of two writes has ended")
        _ = turns.loop()
        turns.endLoopWrite()
        turns.endLoopWrite()
        #expect(turns.add("w") == "send w")
    }

    @Test func theEventLoopWritesLargeBatches() {
        let large = String(repeating: "x", count: WriteTurns.callerBound + 1)
        var turns = openTurns()
        #expect(turns.add(large) == "wakeLoop")
        #expect(turns.loop() == "expects 0 writes \(large)")
        turns.endLoopWrite()
        #expect(turns.add("a") == "send a")
        #expect(turns.add(large) == "nothing")
        #expect(turns.add("b") == "nothing")
        #expect(turns.finish() == "wakeLoop")
        #expect(turns.loop() == "expects 1 writes \(large)b")
    }

    @Test func whatTheSocketDoesNotTakeGoesBeforeEverythingElse() {
        var turns = openTurns()
        _ = turns.add("abc")
        _ = turns.add("d")
        #expect(turns.finish(rest: "c") == "wakeLoop")
        #expect(turns.add("e") == "nothing", "the event loop is asked once")
        #expect(turns.loop() == "expects 1 writes cde")
    }

    @Test func theEventLoopWritesNothingWhileACallerIsWriting() {
        var turns = openTurns()
        _ = turns.add("a")
        _ = turns.add("b")
        #expect(turns.loop() == "expects 1 writes ")
        #expect(turns.finish() == "send b")
        #expect(turns.loop() == "expects 1 writes ", "b is expected before its reply can come")
    }

    @Test func theEventLoopIsWokenWhereItWouldLookTooLate() {
        var turns = openTurns()
        turns.nextLook = Self.now + .seconds(6)
        _ = turns.add("a", within: .seconds(5))
        #expect(turns.finish() == "wakeLoop")
        turns.nextLook = Self.now + .seconds(5)
        _ = turns.add("b", within: .seconds(5))
        #expect(turns.finish() == "nothing")
        turns.nextLook = .distantFuture
        _ = turns.add("c", within: .seconds(60))
        #expect(turns.finish() == "wakeLoop")
    }

    @Test func withoutASocketTheEventLoopWritesEverything() {
        var turns = WriteTurns()
        #expect(turns.add("a") == "wakeLoop")
        #expect(turns.add("b") == "nothing")
        #expect(turns.loop() == "expects 0 writes ab")
    }

    @Test func theEndGivesBackWhatNobodyHasBegunToWrite() {
        var turns = openTurns()
        _ = turns.add("a")
        _ = turns.add("b")
        #expect(turns.end().map { String(buffer: $0.bytes) } == ["b"])
        #expect(turns.takeWritten().count == 1)
        #expect(turns.isCallerWriting)
        _ = turns.finish()
        #expect(!turns.isCallerWriting)
    }

    /// Whoever writes: bytes reach the socket in the order of submission, and replies are expected in that order, each
    /// before the last byte of its batch is on the socket.
    @Test(arguments: 0..<200) func keepsTheOrderOfSubmission(seed: UInt64) {
        var run = WriteRun(seed: seed)
        for _ in 0..<400 { run.step() }
        run.end()
        #expect(run.wire == run.submitted)
        #expect(run.expected == run.order)
    }

    private func openTurns() -> WriteTurns {
        var turns = WriteTurns()
        turns.isOpenToCallers = true
        turns.nextLook = Self.now
        return turns
    }
}

/// Random callers, a socket that takes a part of what it is given, and an event loop.
private struct WriteRun {
    private var turns = WriteTurns()
    private var random: SplitMix
    private var isAwake = false
    private var sending: ByteBuffer?
    private var loopWrites = 0
    private(set) var wire = ""
    private(set) var submitted = ""
    private(set) var order: [Int] = []
    private(set) var expected: [Int] = []

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
        turns.isOpenToCallers = true
    }

    mutating func step() {
        switch random.next() % 4 {
        case 0, 1: submit()
        case 2: if sending != nil { send() } else if loopWrites > 0 { endWrite() }
        default: if isAwake { loop() }
        }
    }

    mutating func end() {
        while sending != nil || isAwake || loopWrites > 0 {
            if sending != nil { send() }
            if isAwake { loop() }
            while loopWrites > 0 { endWrite() }
        }
        loop()
    }

    private mutating func submit() {
        let number = order.count
        let text = "\(number)." + String(repeating: "x", count: Int(random.next() % 9))
        order.append(number)
        submitted += text
        let pending = PendingReplies(count: 1, byteCount: number, timeout: .seconds(5), mayBlock: false)
        take(turns.add(.init(bytes: ByteBuffer(string: text), pending: pending), at: WriteTurnsTests.now))
    }

    private mutating func send() {
        guard var bytes = sending else { return }
        sending = nil
        let count = random.next() % 3 == 0 ? Int(random.next() % UInt64(bytes.readableBytes + 1)) : bytes.readableBytes
        wire += bytes.readString(length: count) ?? ""
        take(turns.sent(rest: bytes.readableBytes > 0 ? bytes : nil, at: WriteTurnsTests.now))
    }

    private mutating func loop() {
        isAwake = false
        let turn = turns.beginLoopTurn()
        expected += turn.written.map(\.pending.byteCount)
        guard turn.isWriting else { return }
        if let rest = turn.rest { wire += String(buffer: rest) }
        for submission in turn.submissions {
            expected.append(submission.pending.byteCount)
            wire += String(buffer: submission.bytes)
        }
        loopWrites += 1
    }

    private mutating func endWrite() {
        loopWrites -= 1
        turns.endLoopWrite()
    }

    private mutating func take(_ step: WriteTurns.Step) {
        switch step {
        case .send(let bytes): sending = bytes
        case .wakeLoop: isAwake = true
        case .nothing: break
        }
    }
}

/// Numbers by chance that a seed repeats.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension WriteTurns {
    fileprivate mutating func add(_ text: String, within timeout: Duration = .seconds(5)) -> String {
        let pending = PendingReplies(count: 1, byteCount: text.utf8.count, timeout: timeout, mayBlock: false)
        return add(.init(bytes: ByteBuffer(string: text), pending: pending), at: WriteTurnsTests.now).text
    }

    fileprivate mutating func finish(rest: String? = nil) -> String {
        sent(rest: rest.map { ByteBuffer(string: $0) }, at: WriteTurnsTests.now).text
    }

    fileprivate mutating func loop() -> String {
        let turn = beginLoopTurn()
        let bytes =
            (turn.rest.map { String(buffer: $0) } ?? "") + turn.submissions.map { String(buffer: $0.bytes) }.joined()
        return "expects \(turn.written.count) writes \(bytes)"
    }
}

extension WriteTurns.Step {
    fileprivate var text: String {
        switch self {
        case .send(let bytes): "send " + String(buffer: bytes)
        case .wakeLoop: "wakeLoop"
        case .nothing: "nothing"
        }
    }
}
