// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How a push link is.
package struct PushReport: Sendable {
    /// Whether there is a connection on which topics are asked for.
    package var isOpen: Bool
    /// Whether there is none because the receiver has no room.
    package var isPaused: Bool
    /// How many topics are wanted.
    package var topics: Int
    /// How many of these the server has confirmed.
    package var confirmed: Int
    /// How often messages may have been missed.
    package var gaps: Int
    /// Why there is no connection; `nil` while there is one.
    package var lastError: RedisError?
    /// Why the server refuses a topic that is wanted.
    package var refusal: RedisError?
}
