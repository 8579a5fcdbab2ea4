// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What was tried, what was confirmed and what was handled: nothing confirmed may be missing in the end, and nothing
/// handled may come from nowhere.
final class LoadLedger: Sendable {
    private let state = Mutex((attempted: Set<String>(), confirmed: Set<String>(), acknowledged: Set<String>()))

    var confirmed: Int { state.withLock { $0.confirmed.count } }
    var acknowledged: Int { state.withLock { $0.acknowledged.count } }

    func attempt(_ name: String) { state.withLock { _ = $0.attempted.insert(name) } }
    func confirm(_ name: String) { state.withLock { _ = $0.confirmed.insert(name) } }
    func acknowledge(_ name: String) { state.withLock { _ = $0.acknowledged.insert(name) } }

    func verify() throws {
        let (attempted, confirmed, acknowledged) = state.withLock { $0 }
        try expect(confirmed.subtracting(acknowledged).count, is: 0, "confirmed messages that were never acknowledged")
        try expect(acknowledged.subtracting(attempted).count, is: 0, "messages that nobody published")
    }
}
