// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension Exhibit {
    /// Every block of docs/performance.md that shows results.
    static var all: [Exhibit] {
        [
            memory, redis, processorTime, idleLatency, loadLatency, patterns, idlePatterns, scale, scaleProcessorTime,
            idleSubscriptions, subscriptionMemory, fairness, allocations,
        ]
    }

    private static var memory: Exhibit {
        let raw = [1, 16].flatMap { lanes in
            [64, 256, 1024].map { "memory settle raw, concurrency \(lanes), prefetch \($0)" }
        }
        let publishing = ["single, 1 task", "single, 16 tasks", "batches of 16", "batches of 256"]
        return Exhibit(
            name: "memory", title: "In memory", content: .alone("StreamBroker"),
            rows: raw.map(Row.init(named:)) + otherSettling + publishing.map { Row(named: "memory publish \($0)") })
    }

    private static var otherSettling: [Row] {
        [
            Row(
                label: "settle raw, 1,024 ordered keys, concurrency 16",
                result: "memory settle raw, ordering key of 1024, concurrency 16, prefetch 1024"),
            Row(named: "memory settle batch handler up to 64, concurrency 1"),
            Row(named: "memory settle typed JSON of 1 KiB, concurrency 1"),
            Row(named: "memory settle typed JSON of 1 KiB, concurrency 16"),
            Row(
                label: "publish and settle at the same time",
                result: "memory publish batches of 64 and settle, concurrency 1, prefetch 256"),
        ]
    }

    private static var redis: Exhibit {
        Exhibit(
            name: "redis", title: "On Redis Streams, beside C", content: .besideYardstick,
            rows: redisResults.map(Row.init(named:)))
    }

    private static var processorTime: Exhibit {
        Exhibit(
            name: "processor-time", title: "Processor time of client and server on Redis Streams",
            unit: .microsecondsPerMessage, content: .processorTime(of: "yardstick", ours: "StreamBroker"),
            rows: redisResults.map { result in
                var row = Row(named: result)
                // A round trip for each message costs much more than anything else.
                row.isCharted = result != "redis publish, single, 1 task"
                return row
            })
    }

    private static var redisResults: [String] {
        let sizes = [16, 64, 256, 1024]
        let publishing = ["single, 1 task", "single, 64 tasks", "single, 256 tasks"] + sizes.map { "batches of \($0)" }
        let consuming = sizes.flatMap { size in [16, 1].map { "reads of \(size), concurrency \($0)" } }
        return publishing.map { "redis publish, \($0)" } + consuming.map { "redis consume, \($0)" }
    }

    private static var idleLatency: Exhibit {
        Exhibit(
            name: "latency-idle", title: "From publish to handler on an idle Redis stream", unit: .microseconds,
            content: .besideYardstick,
            rows: ["p50", "p99"].map { Row(label: $0, result: "redis latency, idle, \($0)") })
    }

    private static var loadLatency: Exhibit {
        Exhibit(
            name: "latency-load", title: "From publish to handler at half load on Redis", unit: .microseconds,
            content: .besideYardstick,
            rows: ["p50", "p99"].map { Row(label: $0, result: "redis latency, half load, \($0)") },
            note: { report in
                let settled = try report["redis latency, half load, settled"]
                return "Meanwhile StreamBroker settled \(settled.unit.short(settled.median)) messages per second."
            })
    }

    private static var patterns: Exhibit {
        Exhibit(
            name: "patterns", title: "Many streams of one pattern on Redis", content: .alone("StreamBroker"),
            rows: [
                Row(label: "20 streams", result: "redis pattern, 20 streams"),
                Row(label: "2,000 streams, 20 active", result: "redis pattern, 2000 streams, 20 active"),
            ])
    }

    private static var idlePatterns: Exhibit {
        Exhibit(
            name: "patterns-idle", title: "2,000 idle streams of one pattern on Redis", unit: .percentOfCore,
            content: .alone("StreamBroker"),
            rows: ["consumer", "server"].map { Row(label: $0, result: "redis pattern, 2000 idle streams, \($0)") })
    }

    private static var allocations: Exhibit {
        let names = [
            "memory allocations, publish single", "memory allocations, publish batches of 256",
            "memory allocations, settle raw, concurrency 1, prefetch 64",
            "memory allocations, settle raw, concurrency 16, prefetch 64",
            "redis allocations, publish single", "redis allocations, publish batches of 256",
            "redis allocations, settle raw, concurrency 1, prefetch 512",
            "redis allocations, settle raw, concurrency 16, prefetch 512",
        ]
        return Exhibit(
            name: "allocations", title: "Allocations", unit: .allocationsPerMessage, content: .alone("StreamBroker"),
            rows: names.map { Row(label: $0.replacing(" allocations", with: ""), result: $0) })
    }
}

extension Exhibit.Row {
    /// The row of a result, whose first word says where it was measured, as the title does.
    fileprivate init(named name: String) {
        let label = name.drop { $0 != " " }.dropFirst()
        self.init(label: String(label), result: name)
    }
}
