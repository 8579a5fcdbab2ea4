// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How large a batch may become and how long it may wait for that.
public struct BatchSize: Sendable, Hashable {
    /// At most so many messages, at least 1.
    public var limit: Int
    /// How long the first message of a batch waits for others.
    public var window: Duration

    /// At most so many messages, waiting at most that long for them after the first.
    public static func upTo(_ limit: Int, within window: Duration) -> BatchSize {
        BatchSize(limit: max(1, limit), window: max(window, .zero))
    }
}
