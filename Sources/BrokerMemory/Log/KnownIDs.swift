// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DequeModule

/// The ids of publishes that a stream remembers, each with the entry that was stored for it. A pure value.
struct KnownIDs: Sendable {
    private struct Line: Sendable {
        var id: DeduplicationID
        var since: Timestamp
    }

    private var entries: [DeduplicationID: MessageID] = [:]
    /// The ids in the order in which they were learned.
    private var lines = Deque<Line>()

    /// Returns the entry that was stored for an id; `nil` for an id that is not known any more.
    mutating func entry(of id: DeduplicationID, _ policy: DeduplicationPolicy, at now: Timestamp) -> MessageID? {
        while let oldest = lines.first, now - oldest.since >= policy.window { forgetOldest() }
        return entries[id]
    }

    /// Remembers an id that is not known.
    mutating func learn(
        _ id: DeduplicationID, of entry: MessageID, _ policy: DeduplicationPolicy, at now: Timestamp
    ) {
        entries[id] = entry
        lines.append(Line(id: id, since: now))
        while lines.count > policy.maximumIDs { forgetOldest() }
    }

    private mutating func forgetOldest() {
        if let line = lines.popFirst() { entries[line.id] = nil }
    }
}
