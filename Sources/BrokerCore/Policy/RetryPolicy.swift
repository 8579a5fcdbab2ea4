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

    /// How often the handler is run in all, the first time included; defaults to 5, from 1 to 1000.
    public var attempts: Int
    /// How the delay grows; defaults to exponential.
    public var backoff: Backoff
    /// The delay after the first failure; defaults to 1 s, from 0 s to 24 h.
    public var initial: Duration
    /// No delay is longer; defaults to 5 min, from 0 s to 24 h.
    public var maximum: Duration
    /// The part of the delay by which chance may lengthen or shorten it; defaults to 0.5 (±50%), from 0 to 1.
    public var jitter: Double

    /// Makes a policy; each part has the documented default.
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

    /// The delay after the failed attempt of that number, from 1.
    ///
    /// Never negative, never over ``maximum``, and without overflow for any attempt number.
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

/// What happens to a message whose attempts are spent.
public struct DeadLetterPolicy: Sendable, Hashable {
    /// Where it goes; `nil` is the stream's own ``StreamName/deadLetters``.
    public var stream: StreamName?
    /// Whether it is kept at all; when false, the last failure acknowledges it, with an event and a count.
    public var isEnabled: Bool

    /// Makes a policy; by default enabled, with the stream's own dead-letter stream.
    public init(stream: StreamName? = nil, isEnabled: Bool = true) {
        self.stream = stream
        self.isEnabled = isEnabled
    }

    /// Where dead letters of `origin` go.
    public func destination(for origin: StreamName) -> StreamName {
        stream ?? origin.deadLetters
    }
}
