// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Logging
import RedisTestSupport
import Testing

/// What each version tells of itself: at the start, and to those who ask how it is.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct StartTests {
    @Test(arguments: Dialect.allCases)
    func everyVersionIsTakenWithoutAWarning(_ dialect: Dialect) async throws {
        try await DialectStage.with(dialect) { stage in
            try await stage.provider.checkServer(for: DialectStage.request)
            #expect(stage.log.lines(.warning) == [])
            #expect(stage.log.lines(.error) == [])
            let doubts = stage.log.lines(.debug).filter { $0.contains("the server does not say") }
            #expect(doubts.count == (dialect.knowsRights ? 0 : 1))
            #expect(doubts.allSatisfy { $0.contains("what its user may do") })
        }
    }

    @Test(arguments: zip(Dialect.allCases, ["6.2.14", "7.0.15", "7.2.5", "valkey 8.0.1"]))
    func healthNamesTheServer(_ dialect: Dialect, _ version: String) async throws {
        try await DialectStage.with(dialect) { stage in
            let health = await stage.provider.health()
            #expect(health.isReady)
            #expect(health.details["server-version"] == version)
            #expect(health.details["used-memory"] == "987952")
            #expect(health.details["clients"] == "3")
            #expect(health.details["subscribed-channels"] == "0")
        }
    }

    @Test(arguments: Dialect.allCases)
    func statisticsCountWhatTheVersionTells(_ dialect: Dialect) async throws {
        try await DialectStage.with(dialect) { stage in
            stage.script.answer("XLEN", .bytes(":3\r\n"))
            stage.script.answer("XINFO", .bytes(dialect.groups), .bytes(dialect.consumers))
            stage.script.answer("TIME", .bytes(RedisValue.array(["1700000000", "0"]).bytes))
            let summary: RedisValue = [
                3, "1699999990000-0", "1699999999000-0", [["~parked", "2"], ["one@30000", "1"]],
            ]
            stage.script.answer("XPENDING", .bytes(summary.bytes))
            let found = try await stage.provider.statistics(of: .stream("orders"))
            #expect(found.map(\.length) == [3])
            let group = try #require(found.first?.groups.first)
            #expect(group.name == "billing")
            #expect(group.pending == 3)
            #expect(group.parked == 2)
            #expect(group.consumers == 1)
            #expect(group.lag == dialect.lag)
            #expect(group.oldestPendingAge == .seconds(10))
        }
    }

    @Test(arguments: Dialect.allCases)
    func withoutPendingEntriesNothingIsOld(_ dialect: Dialect) async throws {
        try await DialectStage.with(dialect) { stage in
            stage.script.answer("XLEN", .bytes(":3\r\n"))
            stage.script.answer("XINFO", .bytes(dialect.groups), .bytes("*0\r\n"))
            stage.script.answer("TIME", .bytes(RedisValue.array(["1700000000", "0"]).bytes))
            stage.script.answer("XPENDING", .bytes("*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n"))
            let group = try await stage.provider.statistics(of: .stream("orders")).first?.groups.first
            #expect(group?.pending == 0)
            #expect(group?.oldestPendingAge == nil)
            #expect(group?.consumers == 0)
        }
    }
}
