// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit

/// The model: the log in memory, as a value.
struct ModelSide {
    var log = MemoryLog()
    let clock: ManualClock
    private let origin: (now: Instant, timestamp: Timestamp)

    init(_ clock: ManualClock) {
        self.clock = clock
        origin = (clock.now, clock.timestamp)
    }

    var time: MemoryTime { MemoryTime(of: clock) }

    /// A time of the monotonic clock as the wall clock shows it, in milliseconds since 1970.
    func milliseconds(_ instant: Instant) -> Int64 {
        origin.timestamp.milliseconds + (instant.nanoseconds - origin.now.nanoseconds) / 1_000_000
    }

    /// What can be seen of a stream.
    func state(of stream: StreamName, groups: [GroupName]) -> StreamState {
        var state = StreamState(entries: log.range(.zero ... .maximum, of: stream, limit: .max))
        for (place, group) in groups.enumerated() {
            guard let pending = log.pending(in: group, of: stream) else { continue }
            let waiting = pending.filter { $0.holder == nil }.map { DueLine($0.id, time: milliseconds($0.time)) }
            state.groups[place] = GroupState(
                pending: pending.map { entry in
                    PendingState(
                        id: entry.id, holder: entry.holder?.text, token: entry.token,
                        since: entry.holder == nil ? 0 : milliseconds(entry.time))
                },
                unread: log.unread(by: group, of: stream) ?? [],
                due: waiting.sorted { ($0.time, $0.member) < ($1.time, $1.member) })
        }
        return state
    }
}
