// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Handlers that do not fit the configuration; the test knows their lines.
enum Misfits {
    static func register(on registry: BrokerRegistry) {
        registry.handle("wrok", group: "workers") { _ in }
        registry.handle("work", group: "wrokers") { _ in }
        registry.handle("work", group: "workers") { _ in }
        registry.handle("work", group: "workers") { _ in }
    }
}
