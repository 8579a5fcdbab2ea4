// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// How many lanes of a registry are open: while one is, a handler may run that will settle in the end.
final class OpenLanes: Sendable {
    private let count = Atomic<Int>(0)
    /// Raised when the last one has closed.
    let closedSignal = WakeSignal()

    var areNone: Bool { count.load(ordering: .acquiring) == 0 }

    /// Runs a lane to its end.
    func run(_ lane: Lane) async {
        count.add(1, ordering: .acquiringAndReleasing)
        await lane.run()
        if count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { closedSignal.raise() }
    }
}
