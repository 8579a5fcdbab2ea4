// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Counting, emptying and health.
enum InspectionChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "statistics count what there is; what is not known is nil", needs: .redelivery, abilities: .statistics,
            counting),
        ConformanceCheck("statistics leave out streams that do not exist", abilities: .statistics, absent),
        ConformanceCheck(
            "purging empties a stream and keeps its groups", needs: .redelivery, abilities: .purging, purging),
        ConformanceCheck(
            "entries that are gone while pending are reported once", needs: .redelivery, abilities: .purging, missing),
        ConformanceCheck("a provider that works is ready", abilities: .health, ready),
        ConformanceCheck(
            "active consumers of a group are named until they leave", needs: .redelivery, abilities: .consumers, active),
    ]

    @Sendable static func counting(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(10, to: stream)
        let messages = try await bench.collect(6, from: subscription)
        await bench.time.pass(bench.visibility / 5)
        try await bench.settle(messages[0], .ack, on: subscription)
        try await bench.settle(Array(messages[1...2]), .retry(after: bench.visibility * 9), on: subscription)
        let found = try await statistics(of: stream, bench)
        try expect(found.length ?? 10, is: 10, "the length")
        try expect(found.groups.map(\.name), is: ["billing"], "the groups")
        let group = found.groups[0]
        try expect(group.pending ?? 5, is: 5, "pending: held and parked")
        try expect(group.parked ?? 2, is: 2, "parked")
        try expect(group.lag ?? 4, is: 4, "the lag")
        try expect(group.consumers ?? 1, is: 1, "the consumers")
        let age = group.oldestPendingAge ?? bench.visibility / 5
        try expect(age >= bench.visibility / 5 - bench.time.tolerance, "the oldest pending entry is \(age) old")
    }

    private static func statistics(of stream: StreamName, _ bench: ConformanceBench) async throws -> StreamStatistics {
        guard let reporting = bench.provider as? any StatisticsReporting else {
            throw ConformanceFailure("the provider counts nothing")
        }
        let found = try await reporting.statistics(of: .stream(stream))
        try expect(found.map(\.stream), is: [stream], "the streams that are counted")
        return found[0]
    }

    @Sendable static func absent(_ bench: ConformanceBench) async throws {
        guard let reporting = bench.provider as? any StatisticsReporting else {
            throw ConformanceFailure("the provider counts nothing")
        }
        let found = try await reporting.statistics(of: .stream(bench.stream("nowhere")))
        try expect(found.count, is: 0, "counts of a stream that does not exist")
    }

    private static func purge(_ stream: StreamName, _ bench: ConformanceBench) async throws -> Int {
        guard let purging = bench.provider as? any Purging else {
            throw ConformanceFailure("the provider empties nothing")
        }
        return try await purging.purge(stream)
    }

    @Sendable static func purging(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(10, to: stream)
        _ = try await bench.collect(4, from: subscription)
        try expect(try await purge(stream, bench), is: 10, "entries removed")
        try expect(try await purge(stream, bench), is: 0, "entries removed by a second purge")
        try await bench.expectNothing(from: subscription, for: bench.takeover * 2, "entries that were purged")
        let ids = try await bench.publish(3, to: stream)
        let after = try await bench.collect(3, from: subscription)
        try expectExactly(bench.ids(of: after), ids, "what was published after the purge")
    }

    @Sendable static func missing(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream, as: "one")
        let other = try await bench.join(stream, as: "two")
        try await bench.publish(4, to: stream)
        let messages = try await bench.collect(4, from: subscription)
        try await bench.settle(messages[3], .retry(after: bench.visibility / 2), on: subscription)
        _ = try await purge(stream, bench)
        let outcome = try await bench.settle(messages[0], .retry(after: .zero), on: subscription)
        try expect(outcome, isOneOf: .missing, .settled, after: "a retry of a purged entry")
        var reported: [MessageID] = []
        let end = bench.time.now + bench.takeover * 3
        while bench.time.now < end {
            for place in [subscription, other] {
                let received = try await place.receive(ReceiveRequest(limit: 10, wait: bench.visibility / 5))
                try expect(received.messages.count, is: 0, "purged entries that were delivered")
                reported += received.missing.map(\.id)
            }
        }
        let expected = outcome.kind == .missing ? Array(messages.ids.dropFirst()) : messages.ids
        let reports = reported.filter { $0 != messages[0].receipt.id || outcome.kind != .missing }
        try expectExactly(reports, expected, "reports of entries that are gone")
    }

    @Sendable static func ready(_ bench: ConformanceBench) async throws {
        guard let reporting = bench.provider as? any HealthReporting else {
            throw ConformanceFailure("the provider reports no health")
        }
        try await bench.publish(1, to: bench.stream())
        let health = await reporting.health()
        try expect(health.isReady, "ready, found: \(health.reason)")
        await bench.provider.close()
        try expect(await reporting.health().isReady, is: false, "readiness of a closed provider")
    }

    @Sendable static func active(_ bench: ConformanceBench) async throws {
        guard let reporting = bench.provider as? any ConsumerReporting else {
            throw ConformanceFailure("the provider names no consumers")
        }
        let stream = bench.stream()
        let subscriptions = [
            try await bench.join(stream, as: "one"), try await bench.join(stream, as: "two", on: bench.peer),
        ]
        _ = try await bench.join(stream, group: "search", as: "three")
        try await bench.publish(2, to: stream)
        var messages: [InboundMessage] = []
        for subscription in subscriptions { messages += try await bench.collect(1, from: subscription) }
        func names() async throws -> Set<ConsumerName> {
            let period = bench.visibility * 100
            return try await reporting.consumers(of: "billing", on: .stream(stream), activeWithin: period)
        }
        try expect(try await names(), is: ["one", "two"], "the consumers of the group")
        try await bench.settle(messages[1], .ack, on: subscriptions[1])
        await subscriptions[1].close()
        try expect(try await names(), is: ["one"], "the consumers when one has left")
    }
}
