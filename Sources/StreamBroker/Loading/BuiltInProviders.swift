// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import BrokerMemory
import BrokerRedis

/// The providers that come with the framework, by the names that `provider:` takes.
package enum BuiltInProviders {
    /// Their factories, in the order in which messages list them.
    package static let factories: [any BrokerProviderFactory] = [
        MemoryProviderFactory(), RedisStreamsProviderFactory(), RedisPubSubProviderFactory(),
    ]
}
