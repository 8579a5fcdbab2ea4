// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What need not be right of the sorted set of a group, since somebody meddled with it or it is stale.
///
/// The pending list is the truth, the sorted set an index beside it that the sweep mends: what is missing there is
/// filed as due now, what is wrong goes. So an entry whose line was disturbed while it waited may come early or late,
/// and lines may be left over.
struct LooseIndex {
    /// Entries that may come whenever they like.
    var entries: Set<MessageID> = []
    /// Whether there may be lines of what does not wait.
    var hasLeftovers = false

    /// Holds the sorted set against what waits in the model; what has become right again must stay so.
    mutating func check(_ found: GroupState, _ expected: GroupState) throws(Difference) {
        if found.due == expected.due { self = LooseIndex() }
        let waiting = Set(expected.due.map(\.member))
        entries = entries.filter { waiting.contains(DueLine.member(of: $0)) }
        let loose = Set(entries.map { DueLine.member(of: $0) })
        let lines = found.due.filter { waiting.contains($0.member) && !loose.contains($0.member) }
        if lines != expected.due.filter({ !loose.contains($0.member) }) {
            throw Difference("due: \(found.due), expected \(expected.due), loose \(loose)")
        }
        let leftovers = found.due.filter { !waiting.contains($0.member) }
        if !leftovers.isEmpty, !hasLeftovers { throw Difference("due, but nothing that waits: \(leftovers)") }
        hasLeftovers = !leftovers.isEmpty
    }
}
