// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import RedisTestSupport
import RedisWire
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What the server tells of itself and of its streams.
@Suite(.inRealTime) struct InspectionTests {
    @Test func healthIsFilledByTheServer() async throws {
        try await ProviderFixture.with { fixture in
            let health = await fixture.provider.health()
            #expect(health.isReady)
            #expect(health.reason == "")
            #expect(
                Set(health.details.keys) == [
                    "ping-time", "server-version", "used-memory", "clients", "subscribed-channels",
                ])
            #expect(health.details["server-version"]?.hasPrefix("7.") == true)
            #expect(Double(health.details["ping-time"] ?? "").map { (0..<1000).contains($0) } == true)
            #expect(Int(health.details["used-memory"] ?? "").map { $0 > 100_000 } == true)
            #expect(health.details["subscribed-channels"] == "0")
        }
    }

    @Test func whatTheServerForbidsIsMissing() async throws {
        try await ProviderFixture.with(arguments: ["--rename-command", "INFO", ""]) { fixture in
            let health = await fixture.provider.health()
            #expect(health.isReady)
            #expect(Set(health.details.keys) == ["ping-time"])
        }
    }

    @Test func aServerThatStandsStillIsNotReadyWithinTheCommandTimeout() async throws {
        try await ProviderFixture.with { options in
            options.connection.commandTimeout = .milliseconds(400)
        } _: { fixture in
            try await eventually("ready") { await fixture.provider.health().isReady }
            try fixture.server.signal(SIGSTOP)
            for _ in 0..<2 {
                let start = ContinuousClock.now
                let health = await fixture.provider.health()
                let time = ContinuousClock.now - start
                #expect(!health.isReady)
                #expect(!health.reason.isEmpty)
                #expect(time < .seconds(3), "\(time)")
            }
            try fixture.server.signal(SIGCONT)
            try await eventually("ready again") { await fixture.provider.health().isReady }
        }
    }

    @Test func aServerThatIsAwayIsNotReadyAndAReasonSaysWhy() async throws {
        try await ProviderFixture.with { fixture in
            await fixture.server.kill()
            let health = await fixture.provider.health()
            #expect(!health.isReady)
            #expect(!health.reason.isEmpty)
            await fixture.provider.close()
            #expect(await fixture.provider.health() == ProviderHealth(isReady: false, reason: "closed"))
        }
    }

    @Test func statisticsSayWhatTheServerKnows() async throws {
        try await ProviderFixture.with(prefix: "app:") { fixture in
            let ids = try await fixture.publish(10, to: "orders")
            try await fixture.command("XGROUP", "CREATE app:orders billing 0")
            try await fixture.command("XREADGROUP", "GROUP billing one@900 COUNT 4 STREAMS app:orders >")
            try await fixture.command("XREADGROUP", "GROUP billing two@900 COUNT 2 STREAMS app:orders >")
            try await fixture.command("XCLAIM", "app:orders billing ~parked 0 \(ids[4]) JUSTID")
            try await fixture.command("XGROUP", "CREATE app:orders late $")
            let found = try await fixture.provider.statistics(of: .stream("orders"))
            #expect(found.map(\.stream) == ["orders"])
            #expect(found.first?.length == 10)
            let billing = try #require(found.first?.groups.first)
            #expect(billing.name == "billing")
            #expect(billing.pending == 6)
            #expect(billing.parked == 1)
            #expect(billing.lag == 4)
            #expect(billing.consumers == 2)
            #expect(billing.oldestPendingAge.map { $0 >= .zero && $0 < .seconds(60) } == true)
            let late = try #require(found.first?.groups.last)
            #expect(late.pending == 0)
            #expect(late.oldestPendingAge == nil)
            #expect(late.parked == 0)
        }
    }

    @Test func aLagThatTheServerDoesNotKnowIsNil() async throws {
        try await ProviderFixture.with { fixture in
            let ids = try await fixture.publish(10, to: "orders")
            try await fixture.command("XGROUP", "CREATE orders middle \(ids[4])")
            try await fixture.command("XDEL", "orders \(ids[7])")
            let found = try await fixture.provider.statistics(of: .stream("orders"))
            #expect(found.first?.groups.map(\.lag) == [nil])
        }
    }

    @Test func patternsCountStreamsOfTheSetAndThoseOfOthers() async throws {
        try await ProviderFixture.with(prefix: "app:") { fixture in
            try await fixture.publish(1, to: "agent.b")
            try await fixture.publish(2, to: "agent.a")
            try await fixture.publish(1, to: "{agent.a}:dead")
            try await fixture.publish(1, to: "orders")
            try await fixture.command("XADD", "app:agent.c * f v")
            try await fixture.command("XADD", "agent.d * f v")
            try await fixture.command("SET", "app:agent.e text")
            try await fixture.command("SADD", "app:~streams app:agent.gone")
            let found = try await fixture.provider.statistics(of: .init("agent.*"))
            #expect(found.map(\.stream) == ["agent.a", "agent.b", "agent.c"])
            #expect(found.map(\.length) == [2, 1, 1])
        }
    }

    @Test func onlyConsumersThatWereActiveLatelyAreNamed() async throws {
        try await ProviderFixture.with(prefix: "app:") { fixture in
            try await fixture.publish(3, to: "agent.a")
            try await fixture.publish(1, to: "agent.b")
            for stream in ["app:agent.a", "app:agent.b"] {
                try await fixture.command("XGROUP", "CREATE \(stream) inbox 0")
            }
            func read(_ consumer: String, _ stream: String) async throws {
                try await fixture.command("XREADGROUP", "GROUP inbox \(consumer) COUNT 1 STREAMS \(stream) >")
            }
            func names(_ selection: String, within period: Duration) async throws -> Set<ConsumerName> {
                try await fixture.provider.consumers(of: "inbox", on: .init(selection), activeWithin: period)
            }
            try await read("gone@host@900", "app:agent.a")
            let start = ContinuousClock.now
            try await eventually("idle") { ContinuousClock.now - start > .milliseconds(300) }
            try await read("one@900", "app:agent.a")
            try await read("two@900", "app:agent.b")
            try await fixture.command("XCLAIM", "app:agent.a inbox ~parked 0 1-1 JUSTID")
            #expect(try await names("agent.a", within: .seconds(600)) == ["gone@host", "one"])
            #expect(try await names("agent.*", within: .seconds(600)) == ["gone@host", "one", "two"])
            let lately = ContinuousClock.now - start
            #expect(try await !names("agent.*", within: min(lately, .milliseconds(300))).contains("gone@host"))
            #expect(try await names("nowhere", within: .seconds(600)) == [])
        }
    }

    @Test func somethingElseUnderTheKeyIsAnError() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.command("SET", "orders text")
            let error = await #expect(throws: BrokerError.self) {
                try await fixture.provider.statistics(of: .stream("orders"))
            }
            #expect(error?.code == .wrongType)
        }
    }
}
