// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import Testing

/// Entries that are pending and gone from the stream, as answers show them.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct GhostTests {
    /// What stands in the place of a body (t_stream.c, `streamReplyWithRangeFromConsumerPEL`) or of a whole entry
    /// (`xclaimCommand` of 6.2).
    @Test(arguments: ["*2\r\n$3\r\n6-1\r\n*-1\r\n", "*2\r\n$3\r\n6-1\r\n$-1\r\n", "$-1\r\n", "*-1\r\n"])
    func anEntryWithoutABodyLeavesItsNeighboursAlone(_ ghost: String) async throws {
        let body = RedisValue.array(["data", "x"]).bytes
        let entries = ["5-1", "7-1"].map { "*2\r\n$3\r\n\($0)\r\n\(body)" }
        let read = "*1\r\n*2\r\n$6\r\norders\r\n*3\r\n\(entries[0])\(ghost)\(entries[1])"
        try await DialectStage.with(.redis6_2, reads: [.bytes(read)]) { stage in
            let messages = try await stage.join().receive(5, wait: .seconds(60))
            #expect(messages.map(\.receipt.id.description) == ["5-1", "7-1"])
        }
    }

    @Test(arguments: Dialect.allCases)
    func whatASweepMissesIsReportedOnce(_ dialect: Dialect) async throws {
        try await DialectStage.with(dialect, reads: [.bytes(RedisText.nothing.bytes), DialectScript.messages("next")]) {
            stage in
            let subscription = try await stage.join()
            stage.script.answer(RedisScripts.sweep, .bytes(DialectScript.sweep(missing: ["1-1", "2-1"]).bytes))
            let received = try await subscription.receive(ReceiveRequest(limit: 5, wait: .seconds(60)))
            #expect(received.missing.map(\.id.description) == ["1-1", "2-1"])
            #expect(try await subscription.receive(ReceiveRequest(limit: 5, wait: .seconds(60))).missing == [])
            #expect(stage.count("XACK") == 0, "the script has removed them")
        }
    }

    @Test(arguments: Dialect.allCases)
    func whatWasLeasedAndIsGoneBeforeItIsReadIsReportedAndRemoved(_ dialect: Dialect) async throws {
        try await DialectStage.with(dialect, reads: [.bytes(RedisText.nothing.bytes)]) { stage in
            let subscription = try await stage.join()
            let entry: RedisValue = [["2-1", ["data", "x"]]]
            stage.script.answer(
                RedisScripts.sweep, .bytes(DialectScript.sweep(expired: ["1-1", "2"], due: ["2-1", "3"]).bytes))
            stage.script.answer("XRANGE", .bytes("*0\r\n"), .bytes(entry.bytes))
            let received = try await subscription.receive(ReceiveRequest(limit: 5, wait: .seconds(60)))
            #expect(received.missing.map(\.id.description) == ["1-1"])
            #expect(received.messages.map(\.receipt.id.description) == ["2-1"])
            #expect(received.messages.map(\.attempt) == [3])
            try await stage.server.waitForCommands { $0.contains(["XACK", "orders", "billing", "1-1"]) }
        }
    }
}
