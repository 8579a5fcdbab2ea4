// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import BrokerEngine

/// The counts of a stream.
public struct StreamReport: Sendable, Hashable, Codable {
    /// Its broker.
    public var broker: String
    /// Its name.
    public var stream: String
    /// How many entries it has; `null` if the broker does not know it.
    @OrNull public var length: Int?
    /// How many groups it has.
    public var groups: Int
    /// Whether it holds dead letters.
    public var holdsDeadLetters: Bool

    init(_ counted: CountedStream) {
        broker = counted.broker.name.text
        stream = counted.statistics.stream.text
        length = counted.statistics.length
        groups = counted.statistics.groups.count
        holdsDeadLetters = counted.holdsDeadLetters
    }
}

/// The streams that exist: ``Operations/streams(on:)``.
public struct StreamsReport: Sendable, Hashable, Codable {
    /// The version of this form.
    public var schemaVersion = 1
    /// The streams, those with dead letters last.
    public var streams: [StreamReport]
}

/// One stream with its groups: ``Operations/stream(_:on:)``.
public struct StreamDetailReport: Sendable, Hashable, Codable {
    /// The version of this form.
    public var schemaVersion = 1
    /// Its counts.
    public var stream: StreamReport
    /// The id of its first entry; `null` if it is empty, or if the broker cannot read the past.
    @OrNull public var firstID: String?
    /// When the first entry was stored, by its id.
    @OrNull public var firstStoredAt: String?
    /// The id of its last entry.
    @OrNull public var lastID: String?
    /// When the last entry was stored, by its id.
    @OrNull public var lastStoredAt: String?
    /// Where its dead letters go by default.
    public var deadLetters: String
    /// Its groups, by name.
    public var groups: [GroupReport]
}

extension MessageID {
    /// When the entry was stored, as reports have it: `2026-01-31T12:00:00.250Z`.
    package var storedAt: String { Timestamp(milliseconds: Int64(clamping: milliseconds)).inReports }
}

extension Timestamp {
    /// The time as reports have it, always with milliseconds.
    package var inReports: String {
        let text = rfc3339
        return text.contains(".") ? text : text.dropLast() + ".000Z"
    }
}
