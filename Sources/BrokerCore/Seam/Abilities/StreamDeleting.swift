// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to delete streams.
public protocol StreamDeleting: BrokerProvider {
    /// Deletes the streams that exist and match, each with its groups and all that belongs to them; returns how many.
    ///
    /// Only those go that nobody has used for `idle`, with `.zero` all. A stream that is used while it is looked at may
    /// go too; its consumers then make it again, without its entries.
    func delete(_ selection: StreamSelection, idleFor idle: Duration) async throws(BrokerError) -> Int
}
