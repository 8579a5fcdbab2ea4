// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0
public import BrokerCore

/// A message on its way to a stream, before it is stored.
public struct OutboundMessage: Sendable {
    /// What publishes a message.
    @nonexhaustive
    public enum Purpose: String, Sendable, Hashable {
        /// The program, by ``BrokerRegistry/publish(_:to:)`` and its relatives.
        case publish
        /// A handler in the place of its own message, by a connection or ``Delivery/forward(_:)``.
        case forward
        /// A handler that answers a request.
        case reply
        /// The program, which waits for a reply.
        case request
    }

    /// The message.
    public var message: Message
    /// The stream that it goes to.
    public let stream: StreamName
    /// What publishes it.
    public let purpose: Purpose
    /// The delivery whose handler forwards or replies; `nil` for what the program publishes by itself.
    public let cause: Delivery?
}
