// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How often a message is tried, and how long it waits between attempts.
public struct RetryPolicy: Sendable, Hashable {
    /// How the delay grows from one attempt to the next.
    public enum Backoff: String, Sendable, Hashable, CaseIterable {
        /// The same delay each time.
        case fixed
        /// The initial delay times the number of failed attempts.
        case linear
        /// The initial delay doubled with each failed attempt.
        case exponential
    }

    /// The number of attempts, including the first; defaults to 5, from 1 to 1000.
    public var attempts: Int
    /// How the delay grows; defaults to exponential.
    public var backoff: Backoff
    /// The delay after the first failure; defaults to 1 s, from 0 s to 24 h.
    public var initial: Duration
    /// The longest delay; defaults to 5 min, from 0 s to 24 h.
    public var maximum: Duration
    /// The fraction by which a delay is randomly longer or shorter; defaults to 0.5 (±50%), from 0 to 1.
    public var jitter: Double

    /// Makes a policy. Each part has the documented default.
    public init(
        attempts: Int = 5, backoff: Backoff = .exponential, initial: Duration = .seconds(1),
        maximum: Duration = .seconds(300), jitter: Double = 0.5
    ) {
        self.attempts = attempts
        self.backoff = backoff
        self.initial = initial
        self.maximum = maximum
        self.jitter = jitter
    }

    /// Returns the delay after a failed attempt.
    ///
    /// It is never negative and never longer than ``maximum``.
    ///
    /// - Parameters:
    ///   - attempt: The number of the failed attempt, from 1. Any number is allowed; nothing overflows.
    ///   - generator: The source of the jitter.
    public func delay(afterAttempt attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let bound = maximum.nanosecondsSaturating
        let plain = min(growth(attempt) * Double(initial.nanosecondsSaturating), Double(bound))
        let spread = jitter > 0 ? Double.random(in: (1 - jitter)...(1 + jitter), using: &generator) : 1
        let jittered = max(0, plain * spread)
        return .nanoseconds(jittered >= Double(bound) ? bound : Int64(jittered))
    }

    private func growth(_ attempt: Int) -> Double {
        let failures = max(attempt, 1)
        return switch backoff {
        case .fixed: 1
        case .linear: Double(failures)
        case .exponential: failures > 63 ? .greatestFiniteMagnitude : Double(UInt64(1) << UInt64(failures - 1))
        }
    }
}

/// What happens to a message that has failed its last attempt.
public struct DeadLetterPolicy: Sendable, Hashable {
    /// The stream for dead letters; `nil` (the default) is the stream's own ``StreamName/deadLetters``.
    public var stream: StreamName?
    /// Whether dead letters are kept; defaults to true. If false, the last failure acknowledges the message, with an
    /// event and a count.
    public var isEnabled: Bool

    /// Makes a policy; by default enabled, with the stream's own dead-letter stream.
    public init(stream: StreamName? = nil, isEnabled: Bool = true) {
        self.stream = stream
        self.isEnabled = isEnabled
    }

    /// Returns the stream for dead letters of `origin`.
    public func destination(for origin: StreamName) -> StreamName {
        stream ?? origin.deadLetters
    }
}
