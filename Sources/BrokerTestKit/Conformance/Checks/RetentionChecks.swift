// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Bounds on the past. Backends may trim in blocks, so a bound may be exceeded by a few hundred entries.
enum RetentionChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "retention: hold trims what is settled and never anything else", needs: [.retention, .redelivery], hold),
        ConformanceCheck(
            "retention: hold trims nothing while a declared group is missing", needs: [.retention, .redelivery],
            missingGroup),
        ConformanceCheck("retention: cap keeps the bound and counts what it cost", needs: .retention, cap),
        ConformanceCheck(
            "what was trimmed unsettled does not hold up the rest", needs: [.retention, .redelivery], holdUp),
        ConformanceCheck("retention by age spares the young", needs: [.retention, .redelivery], age),
    ]

    private static func maintain(
        _ stream: StreamName, _ policy: RetentionPolicy, groups: [GroupName], _ bench: ConformanceBench
    ) async throws -> MaintenanceReport {
        let request = MaintenanceRequest(streams: [
            .init(selection: .stream(stream), retention: policy, groups: groups)
        ])
        var whole = MaintenanceReport()
        for _ in 0..<5 {
            let report = try await bench.provider.maintain(request)
            whole.trimmed += report.trimmed
            whole.lost += report.lost
            whole.held = report.held
        }
        return whole
    }

    @Sendable static func hold(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let fast = try await bench.join(stream, group: "fast")
        let slow = try await bench.join(stream, group: "slow")
        let ids = try await bench.publish(1000, to: stream)
        try await bench.settle(try await bench.collect(1000, from: fast), .ack, on: fast)
        try await bench.settle(try await bench.collect(600, from: slow), .ack, on: slow)
        let policy = RetentionPolicy(maximumLength: 100)
        let report = try await maintain(stream, policy, groups: ["fast", "slow"], bench)
        try expect(report.trimmed <= 600, "at most what both groups have settled is trimmed, found \(report.trimmed)")
        try expect(report.trimmed >= 300, "what both groups have settled is trimmed, found \(report.trimmed)")
        try expect(report.lost, is: 0, "unsettled entries trimmed")
        try expect(report.held.map(\.group), is: ["slow"], "the groups that hold the stream over its bound")
        let rest = try await bench.collect(400, from: slow)
        try expectExactly(bench.ids(of: rest), Array(ids[600...]), "what the slow group had not settled")
        try await bench.settle(rest, .ack, on: slow)
        let later = try await maintain(stream, policy, groups: ["fast", "slow"], bench)
        try expect(report.trimmed + later.trimmed >= 700, "the rest is trimmed, found \(later.trimmed)")
        try expect(report.trimmed + later.trimmed <= 900, "the bound stays, trimmed \(report.trimmed + later.trimmed)")
        try expect(later.held.count, is: 0, "holders when everything is settled")
    }

    @Sendable static func missingGroup(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let ids = try await bench.publish(500, to: stream)
        try await bench.settle(try await bench.collect(500, from: subscription), .ack, on: subscription)
        let policy = RetentionPolicy(maximumLength: 50)
        let report = try await maintain(stream, policy, groups: ["billing", "later"], bench)
        try expect(report.trimmed + report.lost, is: 0, "entries trimmed while a group is missing")
        try expect(report.held.map(\.group), is: ["later"], "the groups that hold the stream")
        guard bench.provider.capabilities.contains(.replay) else { return }
        let later = try await bench.join(stream, group: "later", start: .earliest)
        try expectExactly(try await bench.collect(500, from: later).ids, ids, "what the missing group finds")
    }

    @Sendable static func cap(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let ids = try await bench.publish(1000, to: stream)
        let policy = RetentionPolicy(maximumLength: 100, mode: .cap)
        let report = try await maintain(stream, policy, groups: ["billing"], bench)
        let removed = report.trimmed + report.lost
        try expect((700...900).contains(removed), "removed down to about a hundred, found \(removed) removed")
        try expect(report.lost > 0, "what was lost is counted")
        let rest = try await bench.collect(1000 - removed, from: subscription)
        try expectExactly(bench.ids(of: rest), Array(ids[removed...]), "the newest stay")
    }

    @Sendable static func holdUp(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let gone = try await bench.join(stream, as: "gone")
        let ids = try await bench.publish(1000, to: stream)
        _ = try await bench.collect(1000, from: gone)
        let policy = RetentionPolicy(maximumLength: 100, mode: .cap)
        let report = try await maintain(stream, policy, groups: ["billing"], bench)
        let removed = report.trimmed + report.lost
        await bench.time.pass(bench.takeover)
        let next = try await bench.join(stream, as: "next")
        // Much less than a check in each third of the visibility timeout would take.
        let rest = try await bench.collect(1000 - removed, from: next, within: bench.visibility)
        try expectExactly(bench.ids(of: rest), Array(ids[removed...]), "what was not trimmed")
    }

    @Sendable static func age(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(500, to: stream)
        await bench.time.pass(bench.visibility * 2)
        try await bench.publish(500, to: stream)
        try await bench.settle(try await bench.collect(1000, from: subscription), .ack, on: subscription)
        await bench.time.pass(bench.visibility / 5)
        let policy = RetentionPolicy(maximumAge: bench.visibility)
        let report = try await maintain(stream, policy, groups: ["billing"], bench)
        try expect((300...500).contains(report.trimmed), "only the old are trimmed, found \(report.trimmed)")
    }
}
