// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerEngine
import BrokerOperations
import Logging
import StreamBroker

/// Registries that never run, with a log that nobody reads.
enum OperationsFixture {
    /// Two streams on one broker: `orders` with the groups `billing` and `mail`, `audit` with the group `log`.
    static func shop(_ broker: BrokerConfiguration = BrokerConfiguration("events", provider: "memory")) throws
        -> BrokerRegistry
    {
        try registry(
            broker,
            [
                StreamConfiguration("orders", groups: [GroupConfiguration("billing"), GroupConfiguration("mail")]),
                StreamConfiguration("audit", groups: [GroupConfiguration("log")]),
            ])
    }

    /// A registry that knows nothing but where a server is.
    static func bare(_ url: String) throws -> BrokerRegistry {
        try registry(redis(url), [])
    }

    /// A broker on a server.
    static func redis(_ url: String) -> BrokerConfiguration {
        let entry = ConfigurationNode.Entry(key: "url", node: ConfigurationNode(.scalar(url, isQuoted: true)))
        return BrokerConfiguration("events", provider: "redis-streams", options: ConfigurationNode(.map([entry])))
    }

    private static func registry(
        _ broker: BrokerConfiguration, _ streams: [StreamConfiguration]
    ) throws -> BrokerRegistry {
        try BrokerRegistry(
            BrokersConfiguration(brokers: [broker], streams: streams),
            logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
