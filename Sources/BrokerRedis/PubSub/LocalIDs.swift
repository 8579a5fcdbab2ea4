// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Ids for messages that a server gives none: the time, and a number within the millisecond.
struct LocalIDs: Sendable {
    private var last = MessageID.zero

    /// The next id; it rises also when the wall clock is set back.
    mutating func next(at timestamp: Timestamp) -> MessageID {
        let fresh = MessageID(milliseconds: UInt64(clamping: timestamp.milliseconds), sequence: 0)
        last = fresh > last ? fresh : last.next ?? last
        return last
    }
}
