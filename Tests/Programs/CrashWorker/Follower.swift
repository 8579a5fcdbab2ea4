// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Reads `work` beside the group, from its beginning to the message `last`, and writes down each entry as `followed` and
/// each failure as `astray`.
struct Follower {
    private let registry: BrokerRegistry
    private let ledger: Ledger

    init(_ registry: BrokerRegistry, _ ledger: Ledger) {
        self.registry = registry
        self.ledger = ledger
    }

    func run(for duration: Duration) async throws {
        let broker = try registry.broker(of: "work")
        let end = ContinuousClock.now + duration
        var last = MessageID.zero
        while ContinuousClock.now < end {
            do throws(BrokerError) {
                for entry in try await broker.tail("work", after: last, wait: .milliseconds(500)) {
                    let number = Errand(entry.message.payload.string).number
                    ledger.note("followed", "\(entry.id)", "0", number)
                    if number == "last" { return }
                    last = entry.id
                }
            } catch {
                ledger.note("astray", "\(error.code)")
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
