// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How much waits behind its key: behind a message of the same key that is not done with, or for its own retry in
/// place.
///
/// It takes no room from other keys, up to a bound of its own: nobody knows the keys of what is still on the server, so
/// that what cannot begin has to be passed to reach what can.
package struct Backlog: Sendable, Equatable {
    private let limits: BacklogLimits
    /// How many messages wait.
    package private(set) var count = 0
    private var bytes = 0

    package init(limits: BacklogLimits) {
        self.limits = limits
    }

    /// How many of them take no room: of those that are too large together, as many as fit on average.
    package var exempt: Int {
        let fitting = bytes > limits.bytes ? count * limits.bytes / bytes : count
        return min(fitting, limits.messages)
    }

    /// Whether some of them take room.
    package var isOverLimit: Bool { count > exempt }

    mutating func add(_ held: Held) {
        count += 1
        bytes += held.bodySize
    }

    mutating func remove(_ held: Held) {
        count -= 1
        bytes -= held.bodySize
    }

    mutating func removeAll() {
        count = 0
        bytes = 0
    }
}
