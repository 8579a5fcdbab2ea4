// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What a lane does with a message it has taken: one at a time, or as the first of a batch.
protocol LaneWork: Sendable {
    /// Handles a message; returns whether its runner was cancelled and must not be used again.
    func handle(_ held: Held, as runner: RunnerID, laneSignal: WakeSignal) async -> Bool
}
