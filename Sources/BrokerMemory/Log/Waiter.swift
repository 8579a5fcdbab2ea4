// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A call of `receive` that found nothing and waits.
struct Waiter: Sendable {
    /// Its number, by which it is woken.
    let number: Int
    /// How many messages it can take.
    let limit: Int
    /// The visibility timeout it judges leases with, in nanoseconds.
    let visibility: Int64
    /// When it looks again by itself.
    let until: Instant
    /// Whether it was woken and has not come yet.
    var isSummoned = false
}

/// Whom to wake.
///
/// A publish wakes as many as can be of use, first come first; whoever leaves without taking all passes the call on.
/// Times are everybody's own affair: each waiter looks again when the next retry is due or the next lease runs out, and
/// is woken only when that moves to an earlier time.
extension MemoryGroup {
    /// Wakes waiters for entries that are new to the group.
    mutating func summonForNew(in entries: EntryList, _ wakes: inout [Int]) {
        guard !waiting.isEmpty else { return }
        var uncovered = unread(in: entries).count - waiting.lazy.filter(\.isSummoned).map(\.limit).reduce(0, +)
        for index in waiting.indices where uncovered > 0 && !waiting[index].isSummoned {
            waiting[index].isSummoned = true
            wakes.append(waiting[index].number)
            uncovered -= waiting[index].limit
        }
    }

    /// Wakes waiters that would sleep past a retry that becomes due.
    mutating func summonForRetry(at time: Instant, _ wakes: inout [Int]) {
        summon(&wakes) { time < $0.until }
    }

    /// Wakes waiters that would sleep past the end of leases made now.
    mutating func summonForLeases(by holder: Holder, at now: Instant, _ wakes: inout [Int]) {
        summon(&wakes) { waiter in
            now.nanoseconds.addingSaturating(max(holder.visibility, waiter.visibility)) < waiter.until.nanoseconds
        }
    }

    /// Wakes every waiter, to see what has become of the group.
    mutating func summonAll(_ wakes: inout [Int]) {
        summon(&wakes) { _ in true }
    }

    private mutating func summon(_ wakes: inout [Int], where sleepsTooLong: (Waiter) -> Bool) {
        for index in waiting.indices where !waiting[index].isSummoned && sleepsTooLong(waiting[index]) {
            waiting[index].isSummoned = true
            wakes.append(waiting[index].number)
        }
    }
}
