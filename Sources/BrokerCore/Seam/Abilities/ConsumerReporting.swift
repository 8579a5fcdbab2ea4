// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to say who consumes.
///
/// The engine asks it for groups with an order, which holds within one consumer only, and warns when there are others.
public protocol ConsumerReporting: BrokerProvider {
    /// The consumers of a group that have done something within the last `period`, as far as the backend can tell.
    ///
    /// Of a pattern, those of any of its streams. Nobody is named who cannot be alive.
    func consumers(
        of group: GroupName, on selection: StreamSelection, activeWithin period: Duration
    ) async throws(BrokerError) -> Set<ConsumerName>
}
