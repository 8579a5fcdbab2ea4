// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What belongs together: a request and its answer, a message and what its handler publishes on.
extension Delivery {
    /// What all messages of the conversation share; `nil` when the message belongs to none.
    public var correlationID: String? { stored.headers[ReservedHeaders.correlationID] }

    /// Which message led to this one, as `orders/1700000000000-0`; `nil` when that is not known.
    public var causationID: String? { stored.headers[ReservedHeaders.causationID] }
}

extension Message {
    /// This message as one that a delivery led to: part of the same conversation, with the delivery as its cause.
    ///
    /// A delivery that belongs to no conversation begins one, under its own stream and id. The headers that are added
    /// do not count for the bounds on what a publisher may set, so these are checked before.
    package func following(_ delivery: Delivery) -> Message {
        let cause = "\(delivery.stream)/\(delivery.id)"
        var message = self
        message.headers[ReservedHeaders.correlationID] = delivery.correlationID ?? cause
        message.headers[ReservedHeaders.causationID] = cause
        return message
    }
}
