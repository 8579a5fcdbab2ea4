// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import DequeModule

/// The lanes that wait to be woken, in turn: a pure value.
///
/// Each wait has a number, and the front is woken first. So a lane sees by its number alone whether it still waits,
/// without looking for itself among thousands.
package struct IdleLanes: Sendable {
    private var waiting: Deque<(number: UInt64, laneSignal: WakeSignal)> = []
    private var lastNumber: UInt64 = 0

    package init() {}

    /// Lets a lane wait; returns the number of its wait.
    package mutating func append(_ laneSignal: WakeSignal) -> UInt64 {
        lastNumber += 1
        waiting.append((lastNumber, laneSignal))
        return lastNumber
    }

    /// Takes out the lane that is to be woken next; the caller raises its signal.
    package mutating func popFirst() -> WakeSignal? {
        waiting.popFirst()?.laneSignal
    }

    /// Ends a wait, if it was not the turn of that lane yet.
    package mutating func remove(_ number: UInt64) {
        guard let first = waiting.first, first.number <= number else { return }
        if let index = waiting.firstIndex(where: { $0.number == number }) { waiting.remove(at: index) }
    }

    /// Ends every wait; returns the lanes, for the caller to wake them.
    package mutating func removeAll() -> [WakeSignal] {
        defer { waiting = [] }
        // Made of an empty deque, an array writes to what all empty arrays share: a race to the thread sanitizer.
        return waiting.map(\.laneSignal)
    }
}
