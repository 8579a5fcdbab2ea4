// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The settings of one group: the value of every option, from the nearest place that sets it.
public struct ConsumerSettings: Sendable, Hashable {
    /// How long a lease lasts unless it is extended; defaults to 30 s, from 100 ms to 24 h.
    public var visibility: Duration
    /// How long a handler may take, from 1 ms to 24 h; `nil` (the default) is without a deadline.
    public var timeout: Duration?
    /// How long a handler runs before a warning says so, from 100 ms to 7 d; `nil` (the default) is three times
    /// ``visibility``.
    public var warnAfter: Duration?
    /// How often and when a failed message is tried again.
    public var retry: RetryPolicy
    /// What happens to a message that has failed its last attempt.
    public var deadLetter: DeadLetterPolicy
    /// What happens if a new group cannot decode its first messages; defaults to ``UndecodablePolicy/stop``.
    public var onUndecodable: UndecodablePolicy
    /// How many handlers run at once; defaults to 16, from 1 to 10,000.
    public var concurrency: Int
    /// How many messages wait in memory for a handler; defaults to 64, from 0 to 100,000.
    public var prefetch: Int
    /// The order in which messages are handled; defaults to none.
    public var ordering: Ordering
    /// Where the group starts when it is created; `nil` (the default) is the earliest entry that the provider has.
    public var start: StartPosition?

    /// Makes settings with the documented defaults.
    public init() {
        visibility = .seconds(30)
        timeout = nil
        warnAfter = nil
        retry = RetryPolicy()
        deadLetter = DeadLetterPolicy()
        onUndecodable = .stop
        concurrency = 16
        prefetch = 64
        ordering = .none
        start = nil
    }

    /// Makes settings from options. Later options win, so they are given in this order: defaults, stream, group.
    public init(_ layers: ConsumerOptions...) {
        self.init(layers)
    }

    /// Makes settings from options. Later options win.
    package init(_ layers: [ConsumerOptions]) {
        self.init()
        for layer in layers { apply(layer) }
    }

    private mutating func apply(_ options: ConsumerOptions) {
        visibility = options.visibility ?? visibility
        timeout = options.timeout ?? timeout
        warnAfter = options.warnAfter ?? warnAfter
        retry.attempts = options.retry.attempts ?? retry.attempts
        retry.backoff = options.retry.backoff ?? retry.backoff
        retry.initial = options.retry.initial ?? retry.initial
        retry.maximum = options.retry.maximum ?? retry.maximum
        retry.jitter = options.retry.jitter ?? retry.jitter
        deadLetter.stream = options.deadLetterStream ?? deadLetter.stream
        deadLetter.isEnabled = options.deadLetterEnabled ?? deadLetter.isEnabled
        onUndecodable = options.onUndecodable ?? onUndecodable
        concurrency = options.concurrency ?? concurrency
        prefetch = options.prefetch ?? prefetch
        ordering = options.ordering ?? ordering
        start = options.start ?? start
    }
}
