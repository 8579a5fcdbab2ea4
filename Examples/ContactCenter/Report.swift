// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ExampleSupport
import StreamBroker

/// What the example prints in the end: a table for people on stderr, one JSON object for programs on stdout.
struct Report {
    let counts: Ledger.Counts
    let provider: String

    var table: String {
        let rows = counts.rows.sorted { $0.key < $1.key }.map { place, row in
            [place, "\(row.forwarded)", "\(row.handled)", "\(row.retried)"]
        }
        return Table(["stream/group", "forwarded", "handled", "retried"], rows).text
    }

    var json: String {
        "{\"conversations\":\(counts.conversations.count),\"answered\":\(counts.answered),"
            + "\"escalated\":\(counts.escalated),\"doubled\":\(counts.doubled),\"lost\":\(counts.lost),"
            + "\"provider\":\"\(provider)\"}"
    }
}
