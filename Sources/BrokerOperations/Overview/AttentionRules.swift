// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What needs attention, and the command that tells more: pure rules on what was counted.
package enum AttentionRules {
    /// From which age a pending entry is worth a look: longer than any retry by default.
    package static let oldPending: Int64 = 15 * 60_000

    /// Returns what needs attention in a group; `nil` if nothing does.
    package static func attention(to group: GroupReport) -> StatusReport.Attention? {
        let place = "\(group.stream)/\(group.group)"
        if !group.exists {
            return StatusReport.Attention(
                severity: .warning, message: "\(place) is declared, and the broker has no such group",
                next: ["groups", "ls", group.stream])
        }
        if let lag = group.lag, lag > 0, group.consumers == 0 {
            return StatusReport.Attention(
                severity: .critical, message: "\(place) has \(counted(lag)) to read, and no consumer",
                next: ["groups", "info", group.stream, group.group])
        }
        if let running = group.oldestHandlerMilliseconds {
            return StatusReport.Attention(
                severity: .warning, message: "\(place) has a handler that has been running for \(words(running))",
                next: ["groups", "info", group.stream, group.group])
        }
        if let age = group.oldestPendingAgeMilliseconds, age >= oldPending {
            return StatusReport.Attention(
                severity: .warning, message: "\(place) has an entry that has been pending for \(words(age))",
                next: ["groups", "info", group.stream, group.group])
        }
        return nil
    }

    /// Returns what needs attention in a broker; `nil` if it is healthy.
    package static func attention(to broker: StatusReport.Broker) -> StatusReport.Attention? {
        if broker.status == "healthy" { return nil }
        let reasons = broker.reasons.joined(separator: "; ")
        let isDown = broker.status == "down"
        return StatusReport.Attention(
            severity: isDown ? .critical : .warning,
            message: "\(broker.broker) is \(broker.status)\(reasons.isEmpty ? "" : ": \(reasons)")",
            next: ["status", "--broker", broker.broker, "--json"])
    }

    /// Returns what needs attention in a stream of dead letters; `nil` if it is empty.
    package static func attention(toDeadLetters stream: StreamReport) -> StatusReport.Attention? {
        guard stream.holdsDeadLetters, let length = stream.length, length > 0 else { return nil }
        let count = length == 1 ? "1 dead letter" : "\(length) dead letters"
        return StatusReport.Attention(
            severity: .warning, message: "\(stream.stream) has \(count)", next: ["streams", "info", stream.stream])
    }

    private static func counted(_ entries: Int) -> String { entries == 1 ? "1 entry" : "\(entries) entries" }

    private static func words(_ milliseconds: Int64) -> String { Duration.milliseconds(milliseconds).inWords }
}
