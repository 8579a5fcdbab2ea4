// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A call of `receive` that found nothing and waits.
struct Waiter: Sendable {
    /// Its number, with which it is woken.
    let number: Int
    /// How many messages it can take.
    let limit: Int
    /// The visibility timeout of its consumer, in nanoseconds.
    let visibility: Int64
    /// When it looks again without being woken.
    let until: Instant
    /// Whether it was woken and has not looked again yet.
    var isWoken = false
}

/// Waking.
///
/// A publish wakes as many waiters as its entries need, in order of arrival. A call that leaves entries behind wakes
/// the next waiter. Each waiter looks again by itself when the next retry is due or the next lease expires. It is woken
/// for these only if that time becomes earlier.
extension MemoryGroup {
    /// Wakes waiters for the group's new entries.
    mutating func wakeForNew(in entries: EntryList, _ wakes: inout [Int]) {
        guard !waiting.isEmpty else { return }
        var uncovered = unread(in: entries).count - waiting.lazy.filter(\.isWoken).map(\.limit).reduce(0, +)
        for index in waiting.indices where uncovered > 0 && !waiting[index].isWoken {
            waiting[index].isWoken = true
            wakes.append(waiting[index].number)
            uncovered -= waiting[index].limit
        }
    }

    /// Wakes waiters that would sleep past a retry.
    mutating func wakeForRetry(at time: Instant, _ wakes: inout [Int]) {
        wake(&wakes) { time < $0.until }
    }

    /// Wakes waiters that would sleep past the expiry of leases that are made now.
    mutating func wakeForLeases(by holder: Holder, at now: Instant, _ wakes: inout [Int]) {
        wake(&wakes) { waiter in
            now.nanoseconds.addingSaturating(max(holder.visibility, waiter.visibility)) < waiter.until.nanoseconds
        }
    }

    /// Wakes every waiter, because the group has changed.
    mutating func wakeAll(_ wakes: inout [Int]) {
        wake(&wakes) { _ in true }
    }

    private mutating func wake(_ wakes: inout [Int], where sleepsTooLong: (Waiter) -> Bool) {
        for index in waiting.indices where !waiting[index].isWoken && sleepsTooLong(waiting[index]) {
            waiting[index].isWoken = true
            wakes.append(waiting[index].number)
        }
    }
}
