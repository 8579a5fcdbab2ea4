// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The place of one consumer: what it asked for when it subscribed, and whose turn it is there.
struct Subscription: Sendable {
    /// One group of one stream, by their places.
    struct Path: Sendable, Hashable {
        /// The place of the stream.
        let stream: Int
        /// The place of the group in the stream.
        let group: Int
    }

    /// What was asked for.
    let request: SubscriptionRequest
    /// The consumer as its groups see it.
    let holder: Holder
    /// The groups it reads: one, or with a pattern one for each matching stream.
    var paths: [Path] = []
    /// Its calls that wait.
    var waiters: [Waiter] = []
    /// The path that is first in the next call, so that no stream of a pattern waits behind another.
    var rotation = 0
    /// The turns of the sources, for calls that are too small for shares.
    var turns = LeaseQuota.Turns()
}
