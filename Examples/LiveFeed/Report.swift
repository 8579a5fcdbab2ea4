// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ExampleSupport

/// What one process has seen, for people and for programs.
struct Report {
    let counts: Feed.Counts
    let provider: String

    /// Every symbol with what came and what did not.
    var table: String {
        let rows = counts.rows.sorted { $0.key < $1.key }.map { symbol, row in
            [symbol, "\(row.received)", "\(row.missed)", "\(row.cents / 100).\(row.cents % 100 / 10)\(row.cents % 10)"]
        }
        return Table(["symbol", "received", "missed", "last price"], rows).text
    }

    var json: String {
        "{\"published\":\(counts.published),\"received\":\(counts.received),\"missed\":\(counts.missed),"
            + "\"alarms\":\(counts.alarms),\"retried\":\(counts.retried),\"provider\":\"\(provider)\"}"
    }
}
