// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Every task waited, or all kept each other busy, and no passing of virtual time would have changed it.
public struct VirtualTimeStalled: Error, CustomStringConvertible {
    /// Where the clock stood.
    public var now: Instant

    /// What happened, in a sentence.
    public var description: String {
        "virtual time stalled \(Duration.nanoseconds(now.nanoseconds)) after the clock's origin: "
            + "tasks wait for ever, or for each other"
    }
}
