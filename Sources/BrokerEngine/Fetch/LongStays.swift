// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DequeModule

/// What was fetched together and shares its memory, until it is seen what of that stays: a pure value.
///
/// Most is settled long before; a copy of what is not costs nothing beside a handler that takes this long.
struct LongStays: Sendable {
    /// What is held for longer than this stays.
    static let limit = Duration.seconds(1)

    private var batches: Deque<(due: Instant, slots: [Slot])> = []

    /// When to look again; `nil` when there is nothing to look at.
    var next: Instant? { batches.first?.due }

    /// Takes note of what came together at `now`.
    mutating func add(_ messages: [Held], at now: Instant) {
        let slots = messages.lazy.filter(\.sharesMuch).map(\.slot)
        if !slots.isEmpty { batches.append((now + Self.limit, Array(slots))) }
    }

    /// The slots that are to be looked at now, each once.
    mutating func take(at now: Instant) -> [Slot] {
        var slots: [Slot] = []
        while let first = batches.first, first.due <= now {
            slots += first.slots
            batches.removeFirst()
        }
        return slots
    }
}
