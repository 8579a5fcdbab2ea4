// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a consumer asks of one call of `receive`.
public struct ReceiveRequest: Sendable {
    /// The most messages to return. With 0, only messages of reads in progress are returned.
    ///
    /// A read that waits on the streams of a pattern may return more, at most one from each stream. This happens when
    /// more streams than the limit get a message at the same moment.
    public var limit: Int
    /// How long to wait for the first message. With `.zero`, only messages that are there already are returned.
    public var wait: Duration
    /// The most suspects among the messages: 0 or 1 (the default).
    public var suspects: Int

    /// Makes a request.
    public init(limit: Int, wait: Duration, suspects: Int = 1) {
        self.limit = limit
        self.wait = wait
        self.suspects = suspects
    }
}

/// What a call of `receive` returns.
public struct Received: Sendable {
    /// The leased messages. Those of one source (new, due, expired) are in the order of the stream.
    public var messages: [InboundMessage]
    /// Pending entries that are gone from their stream, since they were trimmed or deleted. Each is reported once.
    public var missing: [MissingEntry]
    /// How many messages may still arrive from reads in progress. The engine calls `receive` again while there are any.
    public var outstanding: Int

    /// Makes a result. By default it is empty.
    public init(messages: [InboundMessage] = [], missing: [MissingEntry] = [], outstanding: Int = 0) {
        self.messages = messages
        self.missing = missing
        self.outstanding = outstanding
    }
}

/// An entry that was pending in a group and is gone from its stream. Its message cannot be delivered any more.
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
