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
