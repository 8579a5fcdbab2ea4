// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ExampleSupport

/// What the example prints in the end: tables for people on stderr, one JSON object for programs on stdout.
struct Report {
    let tally: Tally
    let provider: String

    var text: String {
        "\n\(kinds)\n\n\(repositories)\n\n\(summary)"
    }

    /// Every kind, with its most frequent actions, and the sums.
    private var kinds: String {
        let rows = tally.kinds.sorted { $0.key < $1.key }.map { kind, row in
            [kind, "\(row.published)", "\(row.handled)", "\(row.bytes)", "\(row.keys.count)", Self.actions(of: row)]
        }
        let sum = ["all", "\(tally.published)", "\(tally.handled)", "\(tally.bytes)", "\(keyCount)", ""]
        return Table(["kind", "published", "handled", "bytes", "keys", "actions"], rows + [sum], texts: [5]).text
    }

    /// The ten keys with most webhooks.
    private var repositories: String {
        let busiest = tally.repositories.sorted { ($1.value.handled, $0.key) < ($0.value.handled, $1.key) }.prefix(10)
        let rows = busiest.map { name, row in [name, "\(row.handled)", "\(row.bytes)", Self.actions(of: row)] }
        return Table(["key", "handled", "bytes", "actions"], rows, texts: [3]).text
    }

    private static func actions(of row: Tally.Row) -> String {
        let frequent = row.actions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = frequent.prefix(3).map { "\($0.key) \($0.value)" }
        return (shown + (frequent.count > 3 ? ["…"] : [])).joined(separator: ", ")
    }

    private var summary: String {
        let earlier = tally.ofEarlierRuns > 0 ? ["\(tally.ofEarlierRuns) of earlier runs settled as well"] : []
        let parts = [
            "\(publishedPerSecond) a second read and published", "\(handledPerSecond) a second handled",
            "\(tally.badLines) bad lines", "\(tally.orderViolations) order violations",
        ]
        return (parts + earlier).joined(separator: ", ")
    }

    var json: String {
        let numbers: [(String, Int)] = [
            ("published", tally.published), ("handled", tally.handled), ("retried", tally.retried),
            ("deadLettered", tally.deadLettered), ("lost", tally.lost), ("badLines", tally.badLines),
            ("orderViolations", tally.orderViolations), ("kinds", tally.kinds.count), ("keys", keyCount),
            ("bytes", tally.bytes), ("publishedPerSecond", publishedPerSecond),
            ("handledPerSecond", handledPerSecond),
        ]
        let members = numbers.map { "\"\($0)\":\($1)" } + ["\"provider\":\"\(provider)\""]
        return "{\(members.joined(separator: ","))}"
    }

    private var keyCount: Int { tally.kinds.values.reduce(into: Set<String>()) { $0.formUnion($1.keys) }.count }
    private var publishedPerSecond: Int { Self.rate(tally.published, tally.publishing) }
    private var handledPerSecond: Int { Self.rate(tally.handled, tally.handling) }

    private static func rate(_ count: Int, _ duration: Duration) -> Int {
        duration > .zero ? Int(Double(count) / (duration / .seconds(1))) : 0
    }
}
