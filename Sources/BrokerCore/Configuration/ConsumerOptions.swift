// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Options for consuming, as the defaults, a stream or a group may set them. An option that is `nil` is not set here.
///
/// For each option the nearest place wins: group, stream, defaults, and last the default that ``ConsumerSettings``
/// documents with its bounds. A stream cannot set ``concurrency``, ``prefetch``, ``ordering`` and ``start``.
public struct ConsumerOptions: Sendable, Hashable {
    /// How long a lease lasts unless it is extended.
    public var visibility: Duration?
    /// How long a handler may take.
    public var timeout: Duration?
    /// How long a handler runs before a warning says so.
    public var warnAfter: Duration?
    /// How often and when a failed message is tried again.
    public var retry: RetryOptions
    /// The stream for dead letters. If no place sets it, it is the stream's own ``StreamName/deadLetters``.
    public var deadLetterStream: StreamName?
    /// Whether dead letters are kept.
    public var deadLetterEnabled: Bool?
    /// What happens if a new group cannot decode its first messages.
    public var onUndecodable: UndecodablePolicy?
    /// How many handlers run at once.
    public var concurrency: Int?
    /// How many messages wait in memory for a handler.
    public var prefetch: Int?
    /// The order in which messages are handled.
    public var ordering: Ordering?
    /// Where the group starts when it is created.
    public var start: StartPosition?

    /// Makes options. An option that is not given is not set.
    public init(
        visibility: Duration? = nil, timeout: Duration? = nil, warnAfter: Duration? = nil,
        retry: RetryOptions = RetryOptions(), deadLetterStream: StreamName? = nil, deadLetterEnabled: Bool? = nil,
        onUndecodable: UndecodablePolicy? = nil, concurrency: Int? = nil, prefetch: Int? = nil,
        ordering: Ordering? = nil, start: StartPosition? = nil
    ) {
        self.visibility = visibility
        self.timeout = timeout
        self.warnAfter = warnAfter
        self.retry = retry
        self.deadLetterStream = deadLetterStream
        self.deadLetterEnabled = deadLetterEnabled
        self.onUndecodable = onUndecodable
        self.concurrency = concurrency
        self.prefetch = prefetch
        self.ordering = ordering
        self.start = start
    }
}

/// The parts of a retry policy that one place sets. Each part comes from the nearest place that sets it.
///
/// If no place sets a part, it has the default that ``RetryPolicy`` documents with its bounds.
public struct RetryOptions: Sendable, Hashable {
    /// The number of attempts, including the first.
    public var attempts: Int?
    /// How the delay grows.
    public var backoff: RetryPolicy.Backoff?
    /// The delay after the first failure.
    public var initial: Duration?
    /// The longest delay.
    public var maximum: Duration?
    /// The fraction by which a delay is randomly longer or shorter.
    public var jitter: Double?

    /// Makes options. An option that is not given is not set.
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
