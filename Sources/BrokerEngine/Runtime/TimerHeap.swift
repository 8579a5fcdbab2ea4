// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import HeapModule

/// The wakes that a clock has promised, the earliest first: a pure value.
package struct TimerHeap: Sendable {
    private struct Entry: Comparable, Sendable {
        let instant: Instant
        let number: UInt64

        static func < (left: Entry, right: Entry) -> Bool {
            left.instant == right.instant ? left.number < right.number : left.instant < right.instant
        }
    }

    private var heap = Heap<Entry>()
    private var signals: [UInt64: WakeSignal] = [:]
    private var lastNumber: UInt64 = 0
    /// The instants for which timers are set, the earliest last.
    private var armed: [Instant] = []

    package init() {}

    /// When the earliest wake is due; `nil` when none is.
    package var next: Instant? {
        mutating get {
            dropCancelled()
            return heap.min?.instant
        }
    }

    /// Promises a wake.
    package mutating func schedule(_ signal: WakeSignal, at instant: Instant) -> ScheduledWake {
        lastNumber += 1
        signals[lastNumber] = signal
        heap.insert(Entry(instant: instant, number: lastNumber))
        return ScheduledWake(number: lastNumber)
    }

    /// Breaks a promise.
    package mutating func cancel(_ wake: ScheduledWake) {
        signals[wake.number] = nil
        if heap.count > 64, heap.count > signals.count * 2 { compact() }
    }

    /// How many promises are neither kept nor broken.
    package var count: Int { signals.count }

    /// When a timer has to be set for the earliest wake; `nil` when one that is set comes early enough.
    package mutating func arm() -> Instant? {
        guard let next, next < armed.last ?? .distantFuture else { return nil }
        armed.append(next)
        return next
    }

    /// Takes note that the timer for `instant` has fired.
    package mutating func disarm(_ instant: Instant) {
        armed.removeAll { $0 == instant }
    }

    /// Takes out everything that is due.
    package mutating func takeDue(now: Instant) -> [WakeSignal] {
        var due: [WakeSignal] = []
        while let first = takeFirst(upTo: now) { due.append(first.signal) }
        return due
    }

    /// Takes out the earliest wake, if it is due by then.
    package mutating func takeFirst(upTo instant: Instant) -> (instant: Instant, signal: WakeSignal)? {
        dropCancelled()
        guard let first = heap.min, first.instant <= instant else { return nil }
        heap.removeMin()
        return signals.removeValue(forKey: first.number).map { (first.instant, $0) }
    }

    private mutating func dropCancelled() {
        while let first = heap.min, signals[first.number] == nil { heap.removeMin() }
    }

    private mutating func compact() {
        heap = Heap(heap.unordered.filter { signals[$0.number] != nil })
    }
}
