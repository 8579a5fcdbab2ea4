// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// One life of a lane's runner; a lane whose handler is cancelled goes on with the next one.
package struct RunnerID: Sendable, Hashable {
    /// The number of the lane within its consumer, from 0.
    package var lane: Int32
    /// Which of the lane's runners, from 1.
    package var incarnation: UInt32

    /// Nobody runs the message.
    package static let nobody = RunnerID(lane: -1, incarnation: 0)

    package init(lane: Int32, incarnation: UInt32) {
        self.lane = lane
        self.incarnation = incarnation
    }
}
