// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What it costs when there is more of something: messages that wait, streams, keys, subscriptions, members of a body.
extension Exhibit {
    private static let backlog = Row(
        label: "a large backlog, beside one of 10,000", result: "redis backlog, large")
    private static let streams = Row(
        label: "1,000 active streams of a pattern, beside one", result: "redis pattern, 1000 streams, all active")
    private static let keys = Row(
        label: "order of each of 1,024 keys, beside no order",
        result: "redis consume, ordering key of 1024, concurrency 16, prefetch 1024")
    private static let typed = Row(
        label: "typed handler of webhooks, beside a loop that decodes",
        result: "memory typed webhooks, concurrency 1")

    static var scale: Exhibit {
        Exhibit(
            name: "scale", title: "More of it, beside less of it", content: .beside("less", ours: "more"),
            rows: [backlog, streams, keys, typed].map { row in
                var row = row
                // Bodies of 10 KB have another scale.
                row.isCharted = row.result != typed.result
                return row
            },
            note: { report in
                "The large backlog has \(BacklogBenchmarks.depth(of: report.messages).grouped) messages."
            })
    }

    static var scaleProcessorTime: Exhibit {
        Exhibit(
            name: "scale-processor-time", title: "Processor time for more of it, beside less of it",
            unit: .microsecondsPerMessage, content: .processorTime(of: "less", ours: "more"),
            rows: [backlog, streams, keys])
    }

    static var idleSubscriptions: Exhibit {
        Exhibit(
            name: "subscriptions-idle", title: "100 idle subscriptions on Redis", unit: .percentOfCore,
            content: .alone("StreamBroker"),
            rows: ["consumer", "server"].map { Row(label: $0, result: "redis subscriptions, 100 idle, \($0)") })
    }

    static var subscriptionMemory: Exhibit {
        Exhibit(
            name: "subscriptions-memory", title: "Memory of a process with idle subscriptions", unit: .mebibytes,
            content: .alone("StreamBroker"),
            rows: [("1 subscription", 1), ("100 subscriptions", 100)].map {
                Row(label: $0, result: "redis subscriptions, memory of \($1)")
            })
    }

    static var fairness: Exhibit {
        Exhibit(
            name: "fairness", title: "From publish to handler in 100 subscriptions of one process on Redis",
            unit: .microseconds, content: .beside("all quiet", ours: "beside a busy one"),
            rows: ["p50", "p99"].map {
                Row(label: $0, result: "redis fairness, 99 quiet subscriptions beside a busy one, \($0)")
            })
    }
}
