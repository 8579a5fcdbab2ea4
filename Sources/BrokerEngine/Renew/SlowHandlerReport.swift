// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Which handler a consumer shows on its backend, and when it is to be taken back. A pure value.
struct SlowHandlerReport: Sendable {
    /// One call of the provider.
    struct Call: Sendable {
        var handler: RunningHandler
        var isOver: Bool
    }

    private var shown: RunningHandler?

    /// Returns what is to be reported with a heartbeat, when `oldest` runs longest of those that run for long.
    mutating func beat(_ oldest: RunningHandler?) -> [Call] {
        var calls: [Call] = []
        // What is shown elsewhere does not replace it.
        if let shown, shown.stream != oldest?.stream { calls.append(Call(handler: shown, isOver: true)) }
        if let oldest { calls.append(Call(handler: oldest, isOver: false)) }
        shown = oldest
        return calls
    }
}
