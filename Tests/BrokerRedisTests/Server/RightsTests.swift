// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// A user of the server that lacks a right is told which.
@Suite(.inRealTime) struct RightsTests {
    private static let keys = "~orders ~{orders}:*"

    /// What the check says to a user with these rules.
    private func look(
        _ rules: String, _ fixture: ProviderFixture, selection: StreamSelection = .stream("orders")
    ) async throws -> (error: BrokerError?, warnings: [String]) {
        try await fixture.command("ACL", "SETUSER app reset on nopass resetchannels \(rules)")
        let log = LogLines()
        var options = fixture.provider.options
        options.connection.url.username = "app"
        options.connection.url.password = RedisPassword("any")
        let provider = try RedisStreamsProvider(options, clock: TimeControl.real().clock, logger: log.logger)
        let request = SubscriptionRequest(selection, group: "billing", consumer: "c")
        var found: BrokerError?
        do throws(BrokerError) { try await provider.checkServer(for: request) } catch { found = error }
        await provider.close()
        return (found, log.lines(.warning))
    }

    @Test func aUserWithEveryRightIsTakenWithoutAWord() async throws {
        try await ProviderFixture.with { fixture in
            let (error, warnings) = try await look("+@all \(Self.keys)", fixture)
            #expect(error == nil)
            #expect(warnings == [])
        }
    }

    @Test func eachMissingRuleIsNamed() async throws {
        let rules = [
            "xreadgroup": "~orders", "xack": "~orders", "xclaim": "~orders", "xpending": "~orders",
            "xgroup|create": "~orders", "xinfo|consumers": "~orders", "xrange": "~orders", "hget": "~{orders}:*",
            "hset": "~{orders}:*", "zadd": "~{orders}:*", "zrem": "~{orders}:*", "zrangebyscore": "~{orders}:*",
            "zcard": "~{orders}:*", "xadd": "~{orders}:*",
        ]
        try await ProviderFixture.with { fixture in
            for (command, key) in rules {
                let (error, _) = try await look("+@all -\(command) \(Self.keys)", fixture)
                #expect(error?.code == .unauthorized)
                #expect(error?.isRetryable == false)
                #expect(error?.message.hasPrefix("the server's user lacks rights: +\(command) \(key) (for ") == true)
            }
            for command in ["time", "eval", "evalsha"] {
                let (error, _) = try await look("+@all -\(command) \(Self.keys)", fixture)
                #expect(error?.message.contains("+\(command)") == true, "\(command)")
            }
        }
    }

    @Test func aMissingKeyIsNamedWithoutItsCommands() async throws {
        try await ProviderFixture.with { fixture in
            let beside = try await look("+@all ~orders", fixture)
            #expect(beside.error?.message.hasPrefix("the server's user lacks rights: ~{orders}:* (for ") == true)
            let stream = try await look("+@all ~{orders}:*", fixture)
            #expect(stream.error?.message.hasPrefix("the server's user lacks rights: ~orders (for ") == true)
            let nothing = try await look("+@connection +@scripting +time +xack", fixture)
            let message = nothing.error?.message ?? ""
            #expect(message.contains("+xclaim") && message.contains("~{orders}:*"), "\(message)")
        }
    }

    @Test func whatCanBeDoneWithoutIsAWarning() async throws {
        try await ProviderFixture.with { fixture in
            let (error, warnings) = try await look(
                "+@all -xtrim -client|unblock -xgroup|delconsumer -get -set \(Self.keys)", fixture)
            #expect(error == nil)
            #expect(warnings.count == 1)
            for rule in ["+xtrim ~orders", "+xgroup|delconsumer", "+client|unblock", "+get ~{orders}:* +set"] {
                #expect(warnings.first?.contains(rule) == true, "\(rule)")
            }
        }
    }

    @Test func aboutTheStreamsOfAPatternNothingIsCertain() async throws {
        try await ProviderFixture.with { fixture in
            let (error, warnings) = try await look("+@all ~agent.a ~{agent.a}:*", fixture, selection: .init("agent.*"))
            #expect(error == nil)
            #expect(warnings.contains { $0.contains("~agent.0") })
        }
    }

    @Test func theQuestionLeavesNoTraceInTheLogOfTheServer() async throws {
        try await ProviderFixture.with { fixture in
            _ = try await look("+@all -xclaim -xtrim ~orders", fixture)
            let log = try await fixture.redis.submit(RedisCommands("ACL", "LOG")).reply()
            #expect(log.elements.count == 0)
        }
    }
}
