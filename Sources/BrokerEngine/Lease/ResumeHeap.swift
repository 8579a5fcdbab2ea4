// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import HeapModule

/// The messages that wait in their lane for a retry in place, the earliest first: a pure value.
///
/// An entry is void once its message waits no longer, or waits for another time: whoever takes it has to look.
struct ResumeHeap: Sendable {
    private struct Entry: Comparable, Sendable {
        let instant: Instant
        let slot: Slot

        static func < (left: Entry, right: Entry) -> Bool {
            left.instant == right.instant ? left.slot < right.slot : left.instant < right.instant
        }
    }

    private var heap = Heap<Entry>()

    /// When the first entry is due.
    var next: Instant { heap.min?.instant ?? .distantFuture }

    /// How many entries there are, the void ones included.
    var count: Int { heap.count }

    mutating func insert(_ slot: Slot, at instant: Instant) {
        heap.insert(Entry(instant: instant, slot: slot))
    }

    /// Takes out the first entry, if it is due.
    mutating func popFirst(upTo now: Instant) -> Slot? {
        guard let first = heap.min, first.instant <= now else { return nil }
        heap.removeMin()
        return first.slot
    }
}
