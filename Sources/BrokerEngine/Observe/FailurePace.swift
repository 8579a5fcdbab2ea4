// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Decides which troubles of messages become log lines, so that a stream of failures does not flood the log. Pure: time
/// is an argument.
///
/// For each group and each topic there is a burst of ten lines. After it one more is allowed each second. How many
/// failures were left unsaid is told with the next line.
package struct FailurePace {
    /// What lines are about; each topic has its own pace, so that retries do not hide a dead letter.
    package enum Topic: Hashable {
        /// An attempt that failed.
        case attempt
        /// A message that became a dead letter or was given up.
        case loss
        /// A handler that runs for long.
        case slow

        /// What was left unsaid.
        var words: String {
            switch self {
            case .attempt: "failed attempts"
            case .loss: "messages that were given up"
            case .slow: "handlers that run for long"
            }
        }
    }

    /// This many lines may come at once.
    package static let burst = 10
    /// After a burst one line is allowed in this time.
    package static let interval = Duration.seconds(1)

    /// The lines that are paced together.
    package struct Key: Hashable {
        package var broker: BrokerName
        package var selection: StreamSelection
        package var group: GroupName
        package var topic: Topic

        package init(_ topic: Topic, of consumer: ConsumerIdentity) {
            broker = consumer.broker
            selection = consumer.selection
            group = consumer.group
            self.topic = topic
        }

        /// Whether these are lines about a group of this consumer.
        func isOf(_ consumer: ConsumerIdentity) -> Bool { self == Key(topic, of: consumer) }
    }

    private struct Record {
        /// How many lines are allowed now.
        var allowance: Int
        /// When the allowance last grew.
        var grown: Instant
        var unsaid = 0
    }

    private var records: [Key: Record] = [:]

    package init() {}

    /// Takes note of a failure. Returns how many before it were left unsaid if it is to be logged, else `nil`.
    package mutating func note(_ topic: Topic, of consumer: ConsumerIdentity, now: Instant) -> Int? {
        let key = Key(topic, of: consumer)
        var record = records[key] ?? Record(allowance: Self.burst, grown: now)
        defer { records[key] = record }
        Self.grow(&record, now: now)
        guard record.allowance > 0 else {
            record.unsaid += 1
            return nil
        }
        record.allowance -= 1
        defer { record.unsaid = 0 }
        return record.unsaid
    }

    private static func grow(_ record: inout Record, now: Instant) {
        let count = max(0, (now - record.grown) / interval)
        let whole = Int(min(count, Double(burst)))
        guard whole > 0 else { return }
        record.allowance = min(burst, record.allowance + whole)
        // A part of an interval counts on, except after a long silence.
        record.grown = whole == burst ? now : record.grown + interval * whole
    }

    /// Returns how many failures were left unsaid and have not been told, and counts from zero again.
    package mutating func takeUnsaid(where isMeant: (Key) -> Bool) -> [(key: Key, count: Int)] {
        var unsaid: [(key: Key, count: Int)] = []
        for (key, record) in records where record.unsaid > 0 && isMeant(key) {
            unsaid.append((key, record.unsaid))
            records[key]?.unsaid = 0
        }
        return unsaid
    }
}
