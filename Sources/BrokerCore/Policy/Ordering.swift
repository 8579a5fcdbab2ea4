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
