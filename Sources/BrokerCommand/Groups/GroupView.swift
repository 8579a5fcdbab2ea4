// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
package import BrokerOperations

/// Groups as a table.
package enum GroupView {
    /// Returns a row for each group.
    ///
    /// - Parameters:
    ///   - groups: The groups.
    ///   - trend: How their lags change; `nil` if that was not watched.
    package static func table(_ groups: [GroupReport], _ trend: LagTrend? = nil) -> Table {
        let titles = ["STREAM", "GROUP", "LAG", "PENDING", "RETRY", "OLDEST", "CONSUMERS"]
        return Table(
            titles + (trend == nil ? [] : ["CHANGE/S", "DRAIN"]),
            groups.map { group in
                let cells: [Table.Cell] = [
                    .text(group.stream), .text(group.group), .number(group.lag), .number(group.pending),
                    .number(group.waitingForRetry), .milliseconds(group.oldestPendingAgeMilliseconds),
                    .number(group.consumers),
                ]
                guard let trend else { return cells }
                return cells + [.number(trend.change(of: group)), .milliseconds(trend.drain(of: group))]
            })
    }
}
