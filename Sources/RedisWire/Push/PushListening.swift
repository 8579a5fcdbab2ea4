// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Listens to topics, over one connection or several, for a ``PushReceiver``.
package protocol PushListening: Sendable {
    /// Subscribes to a topic; returns when it is confirmed. Each call needs one ``unsubscribe(_:)``.
    ///
    /// Waits for an unreachable server until the connect timeout has passed.
    ///
    /// - Throws: why there is no subscription; then there must be no ``unsubscribe(_:)``.
    func subscribe(_ topic: PushTopic) async throws(RedisError)

    /// Gives up one subscription to a topic; its messages stop with the last one.
    func unsubscribe(_ topic: PushTopic)

    /// Connects again after the receiver had no room.
    func resume()

    /// The state of all topics.
    var report: PushReport { get }

    /// Closes every connection for good. Callers that wait get ``RedisError/Code/closed``.
    func close() async
}

/// The state of a push link.
package struct PushReport: Sendable {
    /// Whether there is a connection on which topics are requested.
    package var isOpen: Bool
    /// Whether there is no connection because the receiver has no room.
    package var isPaused: Bool
    /// The number of topics that are wanted.
    package var topics: Int
    /// The number of these that the server has confirmed.
    package var confirmed: Int
    /// How often messages may have been missed.
    package var gaps: Int
    /// Why there is no connection; `nil` while there is one.
    package var lastError: RedisError?
    /// Why the server refuses a topic that is wanted, if it does.
    package var refusal: RedisError?
}
