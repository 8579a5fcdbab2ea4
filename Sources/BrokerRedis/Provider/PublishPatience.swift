// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// How long a call that publishes may wait for a connection and for replies. A pure value.
struct PublishPatience {
    /// When it stops waiting for a connection.
    private let connecting: Instant
    /// When it stops waiting at all.
    private let end: Instant
    private let commandTimeout: Duration

    /// Begins with a batch; what it has waited already counts.
    init(_ batch: PublishBatch, _ options: RedisOptions, at now: Instant) {
        end = batch.limit.map { now + $0 } ?? .distantFuture
        connecting = min(now + (options.connectTimeout - batch.waited), end)
        commandTimeout = options.commandTimeout
    }

    /// How long to wait for a connection.
    func connectLimit(at now: Instant) -> Duration {
        max(.zero, connecting - now)
    }

    /// How long replicas may take: as long as wished, but a little less than is left, so that their answer arrives.
    func confirmationLimit(_ wish: Duration, at now: Instant) -> Duration {
        min(wish, max(.milliseconds(1), (end - now) * 9 / 10))
    }

    /// How long to wait for replies.
    ///
    /// - Throws: that the time is over; nothing was sent.
    func replyLimit(at now: Instant) throws(BrokerError) -> Duration {
        guard now < end else { throw .publishTimedOut }
        return min(commandTimeout, end - now)
    }
}

extension BrokerError {
    fileprivate static let publishTimedOut = BrokerError(
        .timeout, "could not publish: there was no connection within the timeout of the call", isRetryable: true)
}
