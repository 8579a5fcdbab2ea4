// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A subscription of one consumer: its request, its groups, and the state of its turns.
struct Subscription: Sendable {
    /// The places of one group and its stream.
    struct Path: Sendable, Hashable {
        /// The place of the stream.
        let stream: Int
        /// The place of the group in the stream.
        let group: Int
    }

    /// The request.
    let request: SubscriptionRequest
    /// The consumer as its groups see it.
    let holder: Holder
    /// The groups that it reads: one, or with a pattern one for each matching stream.
    var paths: [Path] = []
    /// Its waiting calls.
    var waiters: [Waiter] = []
    /// The index of the first path in the next call, so that no stream of a pattern starves another.
    var rotation = 0
    /// The turns of the sources, for calls that are too small for shares.
    var turns = LeaseQuota.Turns()
}
