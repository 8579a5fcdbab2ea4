// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Which runner a lane has, and whether it gets another one: a pure value.
///
/// Between the keeper's look at a handler that does not end and what it does about that, the handler may end after all.
/// Then the lane has gone on with its next runner, and nothing is to be put aside.
package struct LaneRunners: Sendable {
    private var current: RunnerID
    private var isAbandoned = false

    /// A lane without a runner.
    package init(lane: Int32) {
        current = RunnerID(lane: lane, incarnation: 0)
    }

    /// Begins the next runner; `nil` when the lane has been put aside.
    package mutating func next() -> RunnerID? {
        guard !isAbandoned else { return nil }
        current.incarnation &+= 1
        return current
    }

    /// Whether that runner is the one the lane has.
    package func isCurrent(_ runner: RunnerID) -> Bool { runner == current }

    /// Puts the lane aside because the handler of a runner does not end; false when that runner is over, or when the
    /// lane has been put aside already.
    package mutating func abandon(_ runner: RunnerID) -> Bool {
        guard runner == current, !isAbandoned else { return false }
        isAbandoned = true
        return true
    }
}
