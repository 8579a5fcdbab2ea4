// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import StreamBroker
import Synchronization

/// Lets an observer end the registry, which is made after it.
package final class FinishLine: Sendable {
    private let registry = Mutex<BrokerRegistry?>(nil)

    package init() {}

    package func ends(_ registry: BrokerRegistry) {
        self.registry.withLock { $0 = registry }
    }

    package func cross() {
        registry.withLock { $0 }?.drain()
    }
}
