// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a stream demands of its provider.
public enum DeliveryGuarantee: String, Sendable, Hashable, CaseIterable {
    /// A message whose handler or consumer failed comes again.
    case atLeastOnce = "at-least-once"
    /// A message may be lost; nothing is demanded and nothing changes.
    case atMostOnce = "at-most-once"
}

/// In which order one consumer of a group handles what it has fetched.
///
/// Closed by design: the engine has one way of handing over for each.
public enum Ordering: String, Sendable, Hashable, CaseIterable {
    /// In parallel, in no order.
    case none
    /// Messages with equal keys one after another; those without a key in parallel.
    case key
    /// Strictly one message of a stream at a time.
    case stream
}

/// How much of its past a stream keeps.
public struct RetentionPolicy: Sendable, Hashable {
    /// What gives way when a bound is exceeded.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// The bound: nothing that any group has not settled is ever trimmed.
        case hold
        /// The messages: the oldest go, settled or not; what was lost is counted.
        case cap
    }

    /// At most so many entries, at least 1; `nil` (the default) is unbounded.
    public var maximumLength: Int?
    /// Entries at most so old, from 1 s to 10 years; `nil` (the default) is unbounded.
    public var maximumAge: Duration?
    /// What gives way when a bound is exceeded; defaults to ``Mode/hold``.
    public var mode: Mode

    /// Makes a policy; by default everything is kept.
    public init(maximumLength: Int? = nil, maximumAge: Duration? = nil, mode: Mode = .hold) {
        self.maximumLength = maximumLength
        self.maximumAge = maximumAge
        self.mode = mode
    }

    /// What holds for streams of the framework's own: 10,000 entries, an hour, and the oldest give way.
    package static let reserved = RetentionPolicy(maximumLength: 10_000, maximumAge: .seconds(3600), mode: .cap)

    /// Whether nothing is ever trimmed.
    public var keepsEverything: Bool { maximumLength == nil && maximumAge == nil }
}
