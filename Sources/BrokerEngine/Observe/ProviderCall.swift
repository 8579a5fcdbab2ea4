// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A call that a consumer makes again and again.
@nonexhaustive
public enum ProviderCall: String, Sendable, Hashable {
    /// Joining the group.
    case subscribe
    /// Receiving messages.
    case receive
    /// Settling messages.
    case settle
    /// Extending leases.
    case extend
}
