// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How large a batch may become and how long it may wait for that.
public struct BatchSize: Sendable, Hashable {
    /// At most so many messages: 1 to ``maximumLimit``.
    public let limit: Int
    /// How long the first message of a batch waits for others; not negative.
    public let window: Duration

    /// A consumer makes room for a batch in each of its lanes, so that a batch has to be bounded.
    public static let maximumLimit = 10_000

    /// At most so many messages, waiting at most that long for them after the first; what is out of bounds is clamped.
    public static func upTo(_ limit: Int, within window: Duration) -> BatchSize {
        BatchSize(limit: min(max(1, limit), maximumLimit), window: max(window, .zero))
    }
}
