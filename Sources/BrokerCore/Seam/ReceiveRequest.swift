// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How much a consumer can take now.
public struct ReceiveRequest: Sendable {
    /// At most so many messages; with 0 only what reads in flight still owe is returned.
    ///
    /// A read that waits on all streams of a pattern may bring more, at most one from each stream: when several of
    /// more streams than were asked for get a message in the same moment.
    public var limit: Int
    /// How long to wait for the first message; with `.zero` only what is there at once is returned.
    public var wait: Duration
    /// How many suspects may be among them: 0 or 1.
    public var suspects: Int

    /// Makes a request.
    public init(limit: Int, wait: Duration, suspects: Int = 1) {
        self.limit = limit
        self.wait = wait
        self.suspects = suspects
    }
}

/// What a call of `receive` leased and found.
public struct Received: Sendable {
    /// The leased messages; each source in the order of the stream.
    public var messages: [InboundMessage]
    /// Entries that were pending but are gone from their stream (trimmed or deleted), each reported once.
    public var missing: [MissingEntry]
    /// How many messages reads that are still under way may yet bring; `receive` is kept open while there are any.
    public var outstanding: Int

    /// Makes an answer; by default an empty one.
    public init(messages: [InboundMessage] = [], missing: [MissingEntry] = [], outstanding: Int = 0) {
        self.messages = messages
        self.missing = missing
        self.outstanding = outstanding
    }
}

/// An entry that was pending in a group and is gone from its stream: a message that can no longer be delivered.
public struct MissingEntry: Sendable, Hashable {
    /// The stream that had it.
    public var stream: StreamName
    /// Its id.
    public var id: MessageID

    /// Makes a report.
    public init(stream: StreamName, id: MessageID) {
        self.stream = stream
        self.id = id
    }
}
