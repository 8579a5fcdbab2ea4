// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit

/// Draws configuration files that are right or nearly so, each part in one of several ways to write it.
struct YAMLDraw {
    var random: SeededGenerator

    /// A file with brokers, defaults, streams and environments.
    mutating func file() -> String {
        var lines = ["version: 1"]
        let brokers = ["events", "live"].prefix(Int.random(in: 1...2, using: &random))
        if brokers.count == 2 { lines.append("default: events") }
        lines.append("brokers:")
        for broker in brokers { lines.append("  \(broker): \(self.broker())") }
        if flip() { lines.append("drain: \(duration())") }
        if flip() { lines.append("defaults: \(consumer())") }
        lines.append("streams:")
        for stream in ["orders", "\"a.*\"", "'b:c'"].prefix(Int.random(in: 0...3, using: &random)) {
            lines += streamLines(stream)
        }
        if flip() {
            lines.append("environments: { dev: { drain: \(duration()), streams: { orders: { broker: events } } } }")
        }
        return lines.joined(separator: flip() ? "\n" : "\r\n")
    }

    private mutating func broker() -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: "{ provider: redis-streams, url: \"${URL}\" }"
        case 1: "{ provider: redis-pubsub, url: redis://localhost, buffer: { limit: 100 } }"
        case 2: "{ provider: redis-streams, url: redis://localhost, prefix: 'app:' }"
        default: "{ provider: memory }"
        }
    }

    private mutating func streamLines(_ name: String) -> [String] {
        var lines = ["  \(name):"]
        if flip() {
            lines.append("    retention: { policy: cap, max-length: \(Int.random(in: 1...9999, using: &random)) }")
        }
        if flip() { lines.append("    max-payload: 64KiB") }
        if flip() { lines.append("    body: \(flip() ? "fields" : "{ field: payload }")") }
        if flip() { lines.append("    guarantee: at-most-once") }
        let consumer = consumer()
        lines.append("    groups: { billing: &g \(consumer), search: \(flip() ? "*g" : consumer), last: }")
        return lines
    }

    /// Settings of a group in one line.
    private mutating func consumer() -> String {
        var parts: [String] = []
        if flip() { parts.append("concurrency: \(flip() ? "${N}" : "16")") }
        if flip() { parts.append("\"visibility\": \(duration())") }
        if flip() { parts.append("retry: { attempts: 3, backoff: fixed, initial: 1s, max: \(duration()) }") }
        if flip() { parts.append("dead-letter: { stream: \(flip() ? "orders.dead" : "\"{orders}:dead\"") }") }
        if flip() { parts.append("ordering: \(flip() ? "key" : "none")") }
        if flip() { parts.append("start: \(flip() ? "2026-01-31T12:00:00Z" : "earliest")") }
        return "{ \(parts.joined(separator: ", ")) }"
    }

    private mutating func duration() -> String {
        "\(Int.random(in: 0...100, using: &random))\(["ms", "s", "m", "h", ""].randomElement(using: &random) ?? "s")"
    }

    private mutating func flip() -> Bool {
        Bool.random(using: &random)
    }
}
