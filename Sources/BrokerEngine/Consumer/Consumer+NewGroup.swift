// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A group that has never handled a message.
extension Consumer {
    /// Begins to watch the group if it is new. A provider that does not answer may have a new group.
    ///
    /// Where nothing outlives the program, nothing was there before it, and its dead letters show what it published.
    func watchNewGroup() async {
        guard stations.keepsFirstMessages, provider.capabilities.contains(.durable),
            let reporting = provider as? any NewGroupReporting
        else { return }
        let isNew = (try? await reporting.isNew(request.group, of: request.selection)) ?? true
        if isNew { stations.newGroup.begin() }
    }

    /// Waits for the first message that is handled, and records it. If that fails, the next start watches again.
    func confirmGroup() async {
        guard await stations.newGroup.wasProven(), let reporting = provider as? any NewGroupReporting else { return }
        try? await reporting.confirm(request.group, of: request.selection)
    }
}
