// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Counts the open lanes of a registry. While one is open, a handler may run that will still settle.
final class OpenLanes: Sendable {
    private let count = Atomic<Int>(0)
    /// Raised when the last lane has closed.
    let closedSignal = WakeSignal()

    var areNone: Bool { count.load(ordering: .acquiring) == 0 }

    /// Runs a lane to its end.
    func run(_ lane: Lane) async {
        count.add(1, ordering: .acquiringAndReleasing)
        await lane.run()
        if count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { closedSignal.raise() }
    }
}
