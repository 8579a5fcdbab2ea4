// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a stream needs from its provider.
public enum DeliveryGuarantee: String, Sendable, Hashable, CaseIterable {
    /// A message is delivered again when its handler or its consumer failed.
    case atLeastOnce = "at-least-once"
    /// A message may be lost. Every provider can carry such a stream; one that redelivers does so here, too.
    case atMostOnce = "at-most-once"
}

/// The order in which one consumer of a group handles its messages.
///
/// Closed by design: the engine has one strategy for each.
public enum Ordering: String, Sendable, Hashable, CaseIterable {
    /// In parallel, in no order.
    case none
    /// Messages with equal keys one after another. Messages without a key in parallel.
    case key
    /// One message of a stream at a time.
    case stream
}

/// How many entries a stream keeps, and for how long.
public struct RetentionPolicy: Sendable, Hashable {
    /// What gives way when a bound is exceeded.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// The bound gives way: entries that a group has not settled are never trimmed.
        case hold
        /// The messages give way: the oldest are trimmed, settled or not. Lost ones are counted.
        case cap
    }

    /// The most entries, from 1 to 1,000,000,000,000; `nil` (the default) is unbounded.
    public var maximumLength: Int?
    /// The greatest age of an entry, from 1 s to 10 years; `nil` (the default) is unbounded.
    public var maximumAge: Duration?
    /// What gives way when a bound is exceeded; defaults to ``Mode/hold``.
    public var mode: Mode

    /// Makes a policy. By default everything is kept.
    public init(maximumLength: Int? = nil, maximumAge: Duration? = nil, mode: Mode = .hold) {
        self.maximumLength = maximumLength
        self.maximumAge = maximumAge
        self.mode = mode
    }

    /// The policy of streams of the framework: 10,000 entries, one hour, and the oldest give way.
    package static let reserved = RetentionPolicy(maximumLength: 10_000, maximumAge: .seconds(3600), mode: .cap)

    /// Whether there is no bound, so that nothing is ever trimmed.
    public var keepsEverything: Bool { maximumLength == nil && maximumAge == nil }
}

/// How long a stream remembers the ids of publishes, and how many.
public struct DeduplicationPolicy: Sendable, Hashable {
    /// How long an id is remembered after its message was stored, from 1 s to 7 days; defaults to 1 h.
    public var window: Duration
    /// How many ids are remembered at most, from 1 to 1,000,000; defaults to 10,000. The oldest give way.
    public var maximumIDs: Int

    /// Makes a policy. Each part has the documented default.
    public init(window: Duration = .seconds(3600), maximumIDs: Int = 10_000) {
        self.window = window
        self.maximumIDs = maximumIDs
    }
}

/// What a publish to a stream waits for, besides the server that stores its messages.
public struct DurabilityPolicy: Sendable, Hashable {
    /// How many replicas confirm a message, from 0 to 100; defaults to 0.
    public var replicas: Int
    /// How long to wait for that at most, from 1 ms to 1 min; defaults to 1 s.
    public var timeout: Duration
    /// Whether the message must be on disk, at the server and at each of these replicas; defaults to false.
    public var fsync: Bool

    /// Makes a policy. Each part has the documented default.
    public init(replicas: Int = 0, timeout: Duration = .seconds(1), fsync: Bool = false) {
        self.replicas = replicas
        self.timeout = timeout
        self.fsync = fsync
    }

    /// Whether there is nothing to wait for.
    var asksForNothing: Bool { replicas == 0 && !fsync }
}
