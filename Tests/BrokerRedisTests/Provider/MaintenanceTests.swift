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

/// Bounds on the past, floors, and members that are gone, on a real server.
@Suite(.inRealTime) struct MaintenanceTests {
    private static let bound = RetentionPolicy(maximumLength: 100)

    private func request(
        _ selection: StreamSelection = .stream("orders"), retention: RetentionPolicy = bound,
        groups: [GroupName] = ["billing"]
    ) -> MaintenanceRequest {
        MaintenanceRequest(streams: [.init(selection: selection, retention: retention, groups: groups)])
    }

    private func join(_ group: GroupName, as consumer: ConsumerName, _ fixture: ProviderFixture) async throws
        -> any BrokerSubscription
    {
        try await fixture.provider.subscribe(SubscriptionRequest(.stream("orders"), group: group, consumer: consumer))
    }

    /// Reads `count` entries, and acks them.
    private func consume(_ count: Int, from subscription: any BrokerSubscription, acks: Bool = true) async throws
        -> [MessageID]
    {
        var ids: [MessageID] = []
        while ids.count < count {
            let limit = min(500, count - ids.count)
            let received = try await subscription.receive(ReceiveRequest(limit: limit, wait: .seconds(5)))
            if received.messages.isEmpty { break }
            ids += received.messages.map(\.receipt.id)
            if acks { _ = try await subscription.settle(received.messages.map { Settlement($0.receipt, .ack) }) }
        }
        return ids
    }

    /// 10,000 over the bound; a fast group, a slow one, one with a dead consumer, one declared and not yet started.
    @Test func holdLosesNothingAndNamesWhoHolds() async throws {
        try await ProviderFixture.with { fixture in
            let fast = try await join("fast", as: "a", fixture)
            let slow = try await join("slow", as: "b", fixture)
            let broken = try await join("broken", as: "dead", fixture)
            let ids = try await fixture.publish(10_100, to: "orders")
            #expect(try await consume(10_100, from: fast).count == 10_100)
            #expect(try await consume(4000, from: slow).count == 4000)
            #expect(try await consume(2000, from: broken).count == 2000)
            #expect(try await consume(50, from: broken, acks: false).count == 50)
            let groups: [GroupName] = ["fast", "slow", "broken", "later"]

            let missing = try await fixture.provider.maintain(request(groups: groups))
            #expect(missing.trimmed == 0 && missing.lost == 0)
            #expect(missing.held == [.init(stream: "orders", group: "later", excess: 10_000)])

            let later = try await join("later", as: "c", fixture)
            let held = try await fixture.provider.maintain(request(groups: groups))
            #expect(held.trimmed == 0 && held.held.map(\.group) == ["later"])
            #expect(try await consume(10_100, from: later) == ids)

            let dead = try await fixture.provider.maintain(request(groups: groups))
            #expect(dead.lost == 0)
            #expect((1900...2000).contains(dead.trimmed), "\(dead.trimmed)")
            #expect(dead.held == [.init(stream: "orders", group: "broken", excess: 10_000 - dead.trimmed)])

            let rest = try await fixture.command("XLEN", "orders").integer
            #expect(rest == 10_100 - dead.trimmed)
            #expect(try await consume(6100, from: slow) == Array(ids[4000...]))
            for subscription in [fast, slow, broken, later] { await subscription.close() }
            #expect(try await fixture.command("XPENDING", "orders broken").elements[0]?.integer == 50)
        }
    }

    @Test func tensOfThousandsOverTheBoundAreTrimmedInSteps() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.publish(50_000, to: "orders")
            try await fixture.command("XGROUP", "CREATE orders billing $")
            let report = try await fixture.provider.maintain(request())
            #expect((49_700...49_900).contains(report.trimmed), "\(report.trimmed)")
            #expect(report.lost == 0 && report.held.isEmpty)
            let floor = try await fixture.command("HGET", "{orders}:billing:floor id").string
            #expect(floor?.hasSuffix("-0") == false || floor != "0-0")
        }
    }

    @Test func capCountsWhatItCost() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.publish(2000, to: "orders")
            try await fixture.command("XGROUP", "CREATE orders billing 0")
            let cap = RetentionPolicy(maximumLength: 500, mode: .cap)
            let report = try await fixture.provider.maintain(request(retention: cap))
            #expect(report.trimmed == 0)
            #expect((1400...1500).contains(report.lost), "\(report.lost)")
        }
    }

    @Test func everyStreamOfAPatternIsLookedAfterByItsNearestDeclaration() async throws {
        try await ProviderFixture.with(prefix: "app:") { fixture in
            for stream: StreamName in ["agent.a", "agent.b", "agent.big"] {
                try await fixture.publish(1000, to: stream)
                try await fixture.command("XGROUP", "CREATE app:\(stream) inbox $")
            }
            let wide = RetentionPolicy(maximumLength: 800)
            let request = MaintenanceRequest(streams: [
                .init(selection: .init("agent.*"), retention: Self.bound, groups: ["inbox"]),
                .init(selection: .stream("agent.big"), retention: wide, groups: ["inbox"]),
                .init(selection: .init("*"), retention: RetentionPolicy(), groups: []),
            ])
            _ = try await fixture.provider.maintain(request)
            #expect((100...200).contains(try await fixture.command("XLEN", "app:agent.a").integer ?? 0))
            #expect((100...200).contains(try await fixture.command("XLEN", "app:agent.b").integer ?? 0))
            #expect((800...900).contains(try await fixture.command("XLEN", "app:agent.big").integer ?? 0))
        }
    }

    @Test func whatAnotherProcessHasJustLookedAfterIsLeftAlone() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.publish(1000, to: "orders")
            try await fixture.command("XGROUP", "CREATE orders billing $")
            var request = request()
            request.interval = .seconds(45)
            let peer = try fixture.another { _ in }
            #expect(try await fixture.provider.maintain(request).trimmed > 0)
            try await fixture.publish(1000, to: "orders")
            try await fixture.command("XGROUP", "SETID orders billing $")
            #expect(try await peer.maintain(request).trimmed == 0)
            #expect((1...45_000).contains(try await fixture.command("PTTL", "{orders}:~upkeep:sweep").integer ?? 0))
            request.interval = .zero
            #expect(try await peer.maintain(request).trimmed > 0)
            await peer.close()
        }
    }

    @Test func aStreamThatIsNoneStopsNoOther() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.command("SET", "broken text")
            try await fixture.publish(1000, to: "orders")
            try await fixture.command("XGROUP", "CREATE orders billing $")
            let request = MaintenanceRequest(streams: [
                .init(selection: .stream("broken"), retention: Self.bound, groups: []),
                .init(selection: .stream("nowhere"), retention: Self.bound, groups: ["billing"]),
                .init(selection: .stream("orders"), retention: Self.bound, groups: ["billing"]),
            ])
            let report = try await fixture.provider.maintain(request)
            #expect(report.trimmed >= 800)
            #expect(fixture.log.lines(.warning).count == 1)
            #expect(fixture.log.lines(.warning).first?.contains("broker.stream=broken") == true)
        }
    }

    @Test func membersThatHoldSomethingOrWereHereLatelyStay() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.publish(2, to: "orders")
            try await fixture.command("XGROUP", "CREATE orders billing 0")
            try await fixture.command("XREADGROUP", "GROUP billing holder@900 COUNT 1 STREAMS orders >")
            try await fixture.command("XGROUP", "CREATECONSUMER orders billing idle@900")
            _ = try await fixture.provider.maintain(request())
            #expect(try await fixture.command("XINFO", "CONSUMERS orders billing").elements.count == 2)
        }
    }

    /// An hour passes by the server's clock. Who holds something stays.
    @Test func whoWasAwayForMoreThanAnHourIsRemovedFromEachGroup() async throws {
        try await RedisServer.withClock { server, clock in
            let options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.url)))
            let provider = try RedisStreamsProvider(options, clock: TimeControl.real().clock, logger: LogLines().logger)
            try await server.publish(["a", "b"], to: "orders")
            for group in ["billing", "audit"] {
                try await server.command("XGROUP", "CREATE", "orders", group, "0")
                try await server.command("XGROUP", "CREATECONSUMER", "orders", group, "idle@900")
            }
            try await server.command(
                "XREADGROUP", "GROUP", "billing", "holder@900", "COUNT", "1", "STREAMS", "orders", ">")
            let members = { (group: String) in
                try await server.command("XINFO", "CONSUMERS", "orders", group).elements.compactMap {
                    $0.elements[1]?.string
                }
            }
            _ = try await provider.maintain(request())
            #expect(try await members("billing").count == 2)
            #expect(try await members("audit").count == 1)
            try clock.set(ahead: .seconds(3700))
            try await server.command("XGROUP", "CREATECONSUMER", "orders", "audit", "late@900")
            _ = try await provider.maintain(request())
            #expect(try await members("billing") == ["holder@900"])
            #expect(try await members("audit") == ["late@900"])
            await provider.close()
        }
    }
}
