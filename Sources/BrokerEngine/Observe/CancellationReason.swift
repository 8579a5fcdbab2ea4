// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why a handler was cancelled.
@nonexhaustive
public enum CancellationReason: String, Sendable, Hashable {
    /// It took longer than its `timeout`.
    case deadline
    /// Its lease was lost.
    case leaseLost
    /// The process shuts down.
    case shutdown
}
