// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A consumer on both sides, and what it has in hand.
struct Client {
    /// A lease as both sides gave it; epochs are each side's own.
    struct Lease {
        var model: Receipt
        var server: Receipt
    }

    let number: Int
    /// The place of its stream.
    let stream: Int
    /// The place of its group.
    let group: Int
    /// Its subscription in the model.
    let modelSubscription: Int
    /// Its subscription on the server.
    let subscription: any BrokerSubscription
    /// Every lease it has had of a message and knows of, by the message's number.
    var leases: [Int: [Lease]] = [:]
    /// Whether it makes no calls any more.
    var isGone = false
    /// Until then it may leave its group alone, since that was lost.
    var restsUntil = Instant.distantPast

    /// A lease it has had.
    subscript(lease: Call.LeaseNumber) -> Lease? {
        guard let known = leases[lease.message], known.indices.contains(lease.number - 1) else { return nil }
        return known[lease.number - 1]
    }
}
