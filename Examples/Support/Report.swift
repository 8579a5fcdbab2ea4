// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// What an example prints in the end: a table for people on stderr, one JSON object for programs on stdout.
package struct Report {
    private let counts: Ledger.Counts
    private let provider: String

    package init(counts: Ledger.Counts, provider: String) {
        self.counts = counts
        self.provider = provider
    }

    package var table: String {
        let rows = counts.rows.sorted { $0.key < $1.key }.map { group, row in
            [group.text, "\(row.handled)", "\(row.retried)", "\(row.deadLettered)", "\(row.released)"]
        }
        return Table(["group", "handled", "retried", "dead letters", "handed back"], rows).text
    }

    package var json: String {
        "{\"published\":\(counts.published),\"handled\":\(counts.handled),\"retried\":\(counts.retried),"
            + "\"deadLettered\":\(counts.deadLettered),\"lost\":\(counts.lost),\"provider\":\"\(provider)\"}"
    }
}
