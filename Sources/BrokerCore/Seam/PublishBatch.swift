// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Messages to store, each with its stream.
public struct PublishBatch: Sendable {
    /// A message and its stream.
    public struct Entry: Sendable {
        /// The stream that stores the message. It is created if it does not exist.
        public var stream: StreamName
        /// The message.
        public var message: Message
        /// By which id the message is stored once; `nil` (the default) stores it in any case.
        public var deduplication: Deduplication?

        /// Makes an entry.
        public init(stream: StreamName, message: Message, deduplication: Deduplication? = nil) {
            self.stream = stream
            self.message = message
            self.deduplication = deduplication
        }
    }

    /// Asks that a message is stored once, however often it is published with its id.
    ///
    /// A provider with the capability ``BrokerCapabilities/deduplication`` remembers the id together with the entry, in
    /// one step, for all publishers of the stream. A publish with an id that is remembered stores nothing. Its receipt
    /// has ``PublishReceipt/isDuplicate`` and the id of the entry, which may be gone from the stream. What a provider
    /// moves or writes as a dead letter has no id.
    public struct Deduplication: Sendable, Hashable {
        /// The id. It is the stream's own: another stream may have the same.
        public var id: DeduplicationID
        /// How long and how many ids are remembered.
        public var policy: DeduplicationPolicy

        /// Makes a wish. Without a policy it is the default one.
        public init(_ id: DeduplicationID, _ policy: DeduplicationPolicy = DeduplicationPolicy()) {
            self.id = id
            self.policy = policy
        }
    }

    /// The entries, in the order in which they are to be stored.
    public var entries: [Entry]
    /// How long the oldest entry has waited already. A provider that waits for its backend subtracts this time.
    public var waited: Duration
    /// How long the call may take; `nil` (the default) is as long as the provider waits by itself.
    ///
    /// When the time is over, a provider that waits for its backend fails with ``BrokerError/Code/timeout``: with the
    /// effect `notApplied` if nothing was sent, else with `unknown`. A provider that never waits ignores it.
    public var limit: Duration?

    /// Makes a batch.
    public init(_ entries: [Entry], waited: Duration = .zero, limit: Duration? = nil) {
        self.entries = entries
        self.waited = waited
        self.limit = limit
    }
}

/// What the backend reports about a message that it has stored. What it cannot tell is `nil`, never 0.
public struct PublishReceipt: Sendable, Hashable {
    /// The id of the entry.
    public var id: MessageID
    /// Whether the backend had the message already. Then nothing was stored, and ``id`` is the id of the existing
    /// entry.
    public var isDuplicate: Bool
    /// How many replicas confirmed the entry; `nil` if they were not asked.
    public var replicas: Int?

    /// Makes a receipt. Only providers do this.
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
