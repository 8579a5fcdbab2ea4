// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

/// Streams that are connected, on a real server.
@Suite("Connected streams", .inRealTime, .serialized, .timeLimit(.minutes(2))) struct ConnectedStreamsTests {
    @Test func onASingleServerOutputAndAckAreOneStepForEveryStream() async throws {
        try await RedisServer.with { server in
            let direct = try await forward(20, to: ["next", "{orders}:side"], on: server)
            #expect(direct == 0, "every output travels with its ack")
            let inputs = try await server.command("XRANGE", "orders", "-", "+").elements.map { $0.elements[0]?.string }
            let outputs = try await server.command("XRANGE", "next", "-", "+").elements.map { entry in
                entry.elements[1]?.elements.map { $0.string ?? "" } ?? []
            }
            let expected = inputs.map { id in
                ["sb-correlation-id", "orders/\(id ?? "")", "sb-causation-id", "orders/\(id ?? "")"]
            }
            #expect(Set(outputs.map { Array($0.suffix(4)) }) == Set(expected))
            #expect(outputs.count == 20)
            #expect(try await server.command("XLEN", "{orders}:side").integer == 20)
        }
    }

    @Test func onAClusterOneStepIsWithinASlotAndElsewhereTheOutputComesFirst() async throws {
        try await RedisServer.withCluster { server async throws in
            #expect(try await forward(5, to: ["{orders}:side"], on: server) == 0)
            #expect(try await server.command("XLEN", "{orders}:side").integer == 5)
            #expect(try await forward(5, to: ["next", "{orders}:side"], on: server) == 10)
            #expect(try await server.command("XLEN", "next").integer == 5)
        }
    }

    @Test func whatAStreamKeepsHoldsForOutputsToo() async throws {
        try await RedisServer.with { server in
            let direct = try await forward(20, to: ["short"], on: server)
            #expect(direct == 0)
            #expect(try await server.command("XLEN", "short").integer == 3)
        }
    }

    @Test(arguments: AttacksOnWorkers.LostReplies.places) func aLostReplyStoresNothingTwice(perMille: Int) async throws
    {
        try await RedisServer.with { server in
            let direct = try await forward(20, to: ["next", "{orders}:side"], on: server) { proxy in
                proxy.inject(.cut(perMille: perMille), times: 2) { $0.isCall(of: RedisScripts.forward) }
            }
            #expect(direct == 0)
            for stream in ["next", "{orders}:side"] {
                let causes = try await server.command("XRANGE", stream, "-", "+").elements.map { entry in
                    entry.elements[1]?.elements.map { $0.string ?? "" }.last ?? ""
                }
                #expect((causes.count, Set(causes).count) == (20, 20))
            }
        }
    }

    /// Returns of forwards are lost; what is sent again must not come behind what was decided later.
    @Test func outputsOfOneKeyKeepTheOrderOfTheirInputs() async throws {
        try await RedisServer.with { server in
            try await RedisProxy.with(before: server.port) { proxy in
                proxy.inject(.cut(perMille: 0), skipping: 5, times: 2) { $0.isCall(of: RedisScripts.forward) }
                let keyed = GroupConfiguration("crew", ConsumerOptions(concurrency: 8, ordering: .key))
                let registry = try makeRegistry(
                    proxy.url, [StreamConfiguration("orders", groups: [keyed]), StreamConfiguration("next")])
                try await withBrokerRegistry(registry) { registry in
                    registry.connect("orders", group: "crew", to: "next") { $0.message }
                } body: { registry in
                    for number in 0..<200 {
                        try await registry.publish(Message(Payload("\(number)"), key: "\(number % 7)"), to: "orders")
                    }
                    try await eventually("all of them") { try await server.command("XLEN", "next").integer == 200 }
                    let stored = try await registry.broker("events")?.range(.zero ... .maximum, of: "next") ?? []
                    for (key, messages) in Dictionary(grouping: stored.map(\.message), by: \.key) {
                        let numbers = messages.compactMap { Int($0.payload.string) }
                        #expect(numbers == numbers.sorted() && numbers.count >= 28, "\(key ?? "none"): \(numbers)")
                    }
                }
                #expect(proxy.strikes == 2)
            }
        }
    }

    @Test func theLastStageAnswersWhoAskedTheFirst() async throws {
        try await RedisServer.with { server in
            let crew = [GroupConfiguration("crew")]
            let registry = try makeRegistry(
                server.url, ["orders", "next", "last"].map { StreamConfiguration($0, groups: crew) })
            try await withBrokerRegistry(registry) { registry in
                registry.connect("orders", group: "crew", to: "next") {
                    Message(Payload($0.message.payload.string + ", seen"))
                }
                registry.connect("next", group: "crew", to: "last") { $0.message }
                registry.handle("last", group: "crew") {
                    try await $0.reply(Message(Payload("re: \($0.message.payload.string)")))
                }
            } body: { registry in
                for number in 0..<20 {
                    let answer = try await registry.request(Message(Payload("\(number)")), to: "orders")
                    #expect(answer.payload.string == "re: \(number), seen")
                }
                #expect(registry.waitingRequests == 0)
            }
            #expect(try await server.command("KEYS", "*replies*").elements.count == 0)
        }
    }

    private func makeRegistry(_ url: String, _ streams: [StreamConfiguration]) throws -> BrokerRegistry {
        let options = ConfigurationNode(
            .map([.init(key: "url", node: ConfigurationNode(.scalar(url, isQuoted: true)))]))
        return try BrokerRegistry(
            BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: "redis-streams", options: options)],
                streams: streams),
            logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Publishes messages that are forwarded to all of these; returns how many outputs were stored by themselves.
    private func forward(
        _ count: Int, to destinations: [String], on server: RedisServer, disturbing: (RedisProxy) -> Void = { _ in }
    ) async throws -> Int {
        try await RedisProxy.with(before: server.port) { proxy in
            disturbing(proxy)
            let bounded = RetentionPolicy(maximumLength: 3, mode: .cap)
            let registry = try makeRegistry(
                proxy.url,
                [
                    StreamConfiguration("orders", groups: [GroupConfiguration("crew")]), StreamConfiguration("next"),
                    StreamConfiguration("{orders}:side"), StreamConfiguration("short", retention: bounded),
                ])
            try await server.publish((0..<count).map { "\($0)" }, to: "orders")
            try await withBrokerRegistry(registry) { registry in
                registry.connect("orders", group: "crew", to: destinations) { delivery in
                    destinations.map { .to(StreamName($0), delivery.message) }
                }
            } body: { _ in
                try await eventually("every message forwarded") {
                    let groups = try await server.command("XINFO", "GROUPS", "orders").elements
                    let facts = groups[0]?.elements.map { $0.string ?? "" } ?? []
                    guard facts.count > 7 else { return false }
                    let read = facts[7]
                    let last = try await server.command("XREVRANGE", "orders", "+", "-", "COUNT", "1")
                    guard last.elements[0]?.elements[0]?.string == read else { return false }
                    return try await server.pendingCount("orders", "crew") == 0
                }
            }
            return proxy.counts["XADD"] ?? 0
        }
    }
}
