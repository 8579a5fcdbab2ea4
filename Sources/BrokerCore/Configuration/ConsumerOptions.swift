// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What may be said of consuming at the defaults, at a stream, or at a group; what is left out is said elsewhere.
///
/// The nearest place wins, part by part: group, stream, defaults, and last what ``ConsumerSettings`` documents, which
/// has the bounds too. ``concurrency``, ``prefetch``, ``ordering`` and ``start`` are not said at a stream.
public struct ConsumerOptions: Sendable, Hashable {
    /// How long a lease lasts unless it is extended.
    public var visibility: Duration?
    /// How long a handler may take.
    public var timeout: Duration?
    /// How often and when a failed message is tried again.
    public var retry: RetryOptions
    /// Where dead letters go; nowhere said, to the stream's own ``StreamName/deadLetters``.
    public var deadLetterStream: StreamName?
    /// Whether dead letters are kept.
    public var deadLetterEnabled: Bool?
    /// How many handlers run at once.
    public var concurrency: Int?
    /// How many messages wait in memory for a handler.
    public var prefetch: Int?
    /// In which order messages are handled.
    public var ordering: Ordering?
    /// Where the group begins when it is created.
    public var start: StartPosition?

    /// Makes options; what is not given is left out.
    public init(
        visibility: Duration? = nil, timeout: Duration? = nil, retry: RetryOptions = RetryOptions(),
        deadLetterStream: StreamName? = nil, deadLetterEnabled: Bool? = nil, concurrency: Int? = nil,
        prefetch: Int? = nil, ordering: Ordering? = nil, start: StartPosition? = nil
    ) {
        self.visibility = visibility
        self.timeout = timeout
        self.retry = retry
        self.deadLetterStream = deadLetterStream
        self.deadLetterEnabled = deadLetterEnabled
        self.concurrency = concurrency
        self.prefetch = prefetch
        self.ordering = ordering
        self.start = start
    }
}

/// The parts of a retry policy that are said at one place; each part comes from the nearest place that says it.
///
/// Nowhere said, it has the default of ``RetryPolicy``, which has the bounds too.
public struct RetryOptions: Sendable, Hashable {
    /// How often the handler is run in all, the first time included.
    public var attempts: Int?
    /// How the delay grows.
    public var backoff: RetryPolicy.Backoff?
    /// The delay after the first failure.
    public var initial: Duration?
    /// The longest delay.
    public var maximum: Duration?
    /// The part of the delay by which chance may lengthen or shorten it.
    public var jitter: Double?

    /// Makes options; what is not given is left out.
    public init(
        attempts: Int? = nil, backoff: RetryPolicy.Backoff? = nil, initial: Duration? = nil, maximum: Duration? = nil,
        jitter: Double? = nil
    ) {
        self.attempts = attempts
        self.backoff = backoff
        self.initial = initial
        self.maximum = maximum
        self.jitter = jitter
    }
}
