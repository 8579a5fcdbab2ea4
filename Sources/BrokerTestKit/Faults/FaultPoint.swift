// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where a fault strikes. Closed by design: the calls of the seam.
public enum FaultPoint: Sendable, Hashable, CaseIterable {
    /// `publish`.
    case publish
    /// `subscribe`.
    case subscribe
    /// `receive`.
    case receive
    /// `settle`.
    case settle
    /// `extend`.
    case extend
    /// `maintain`.
    case maintain
}
