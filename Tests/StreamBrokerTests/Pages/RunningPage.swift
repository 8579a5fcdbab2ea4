// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import StreamBroker
import UnixSignals

/// The code of docs/running.md.
private enum RunningPage {
    static func wholeProgram() async {
        await BrokerRegistry.main("brokers.yaml") { registry in
            registry.handle("orders", group: "billing", as: OrderPlaced.self) { order, delivery in
                try await charge(order)
            }
        }
    }

    static func inAServiceGroup(_ database: any Service, _ logger: Logger) async throws {
        let registry = try BrokerRegistry.load("brokers.yaml", logger: logger)
        registry.handle("orders", group: "billing", as: OrderPlaced.self) { order, _ in try await charge(order) }
        let group = ServiceGroup(
            services: [database, registry], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
    }

    static func inAScope() async throws -> Int {
        let total = try await withBrokerRegistry("brokers.yaml") { registry in
            registry.handle("orders", group: "import", as: OrderPlaced.self) { order, _ in try await store(order) }
        } body: { registry in
            try await importAll(into: registry)
        }
        return total
    }

    private static func store(_ order: OrderPlaced) async throws {}
    private static func importAll(into registry: BrokerRegistry) async throws -> Int { 0 }
}
