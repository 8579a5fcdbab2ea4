// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What came over a push connection, in the order in which the server sent it.
///
/// Messages of a topic come between its beginning and its end and nowhere else.
package enum PushEvent: Sendable {
    /// The server has confirmed a topic.
    case began(PushTopic)
    /// The server has confirmed that a topic is no longer listened to.
    case ended(PushTopic)
    /// A message.
    case message(PushMessage)
    /// A message whose channel is not UTF-8, or a frame that is none of these.
    case unreadable
    /// The connection is lost, and every topic with it.
    case lost(RedisError)
}

/// One message as the server pushes it.
package struct PushMessage: Sendable {
    /// The topic by which it came: a server sends a message once for each that matches.
    package let topic: PushTopic
    /// The channel to which it was published.
    package let channel: String
    /// Its bytes, on storage of their own.
    package let payload: [UInt8]
}

/// Who takes what comes over a push connection.
package protocol PushReceiver: Sendable {
    /// Takes events in their order; returns whether more may come. With `false` the connection is given up until
    /// ``PushLink/resume()``.
    ///
    /// The event loop of the connection calls it, one call at a time. It must not block: nothing else is read
    /// meanwhile.
    func take(_ events: [PushEvent]) -> Bool
}
