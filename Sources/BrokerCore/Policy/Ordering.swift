// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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

/// Where a group begins to read when it is created; it changes nothing for a group that exists.
public enum StartPosition: Sendable, Hashable {
    /// With the oldest entry that the stream still has.
    case earliest
    /// With what is published after the group's creation.
    case latest
    /// Behind the entry of this id.
    case after(MessageID)
    /// With what was stored at this time or later.
    case time(Timestamp)
}

/// What a stream demands of its provider.
public enum DeliveryGuarantee: String, Sendable, Hashable, CaseIterable {
    /// A message whose handler or consumer failed comes again.
    case atLeastOnce = "at-least-once"
    /// A message may be lost; nothing is demanded and nothing changes.
    case atMostOnce = "at-most-once"
}
