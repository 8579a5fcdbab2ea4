// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import StreamBroker
import UnixSignals

struct Shop {
    static func main() async throws {
        let logger = Logger(label: "shop")
        let registry = try BrokerRegistry.load("brokers.yaml", logger: logger)
        registry.handle("orders", group: "billing", as: OrderPlaced.self) { order, _ in try await charge(order) }
        let group = ServiceGroup(
            services: [registry], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
    }
}
