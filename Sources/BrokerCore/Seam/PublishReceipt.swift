// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What the backend says of a message that it has stored. What it cannot tell is `nil`, never 0.
public struct PublishReceipt: Sendable, Hashable {
    /// The id of the entry.
    public var id: MessageID
    /// Whether the backend had the message already: nothing was stored, and ``id`` names the entry that is there.
    public var isDuplicate: Bool
    /// How many replicas confirmed the entry; `nil` when they were not asked.
    public var replicas: Int?

    /// Makes a receipt; only providers do.
    ///
    /// - Parameters:
    ///   - id: The id of the entry.
    ///   - isDuplicate: Whether the backend had the message already; false by default.
    ///   - replicas: How many replicas confirmed the entry; by default they were not asked.
    public init(id: MessageID, isDuplicate: Bool = false, replicas: Int? = nil) {
        self.id = id
        self.isDuplicate = isDuplicate
        self.replicas = replicas
    }
}
