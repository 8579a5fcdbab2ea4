// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A consumer of a group as the server knows it.
struct Member: Sendable {
    /// The group.
    let group: GroupName
    /// The consumer, as it is called in dead letters.
    let consumer: ConsumerName
    /// How long its leases last.
    let visibility: Duration
    /// Where dead letters go.
    let deadLetter: DeadLetterPolicy

    init(_ request: SubscriptionRequest) {
        group = request.group
        consumer = request.consumer
        visibility = max(.milliseconds(1), request.visibility)
        deadLetter = request.deadLetter
    }

    /// The consumer on the server. Whoever looks for expired leases reads from it how long they last.
    var nameOnServer: String { "\(consumer)@\(visibility.millisecondsRoundedUp)" }

    /// How often expired leases are looked for.
    var lookInterval: Duration { visibility / 3 }
}
