// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Logging
import RedisTestSupport
import StreamBroker
import Synchronization

/// A registry in the process of the test, which consumes `work` as the group `watch` and can be asked how it is.
final class Onlooker: Sendable {
    let registry: BrokerRegistry
    private let numbers = Mutex<Set<String>>([])

    private init(_ registry: BrokerRegistry) {
        self.registry = registry
    }

    /// Runs `body` beside a registry that reaches the server by this URL.
    static func with(_ url: String, _ body: @escaping @Sendable (Onlooker) async throws -> Void) async throws {
        let options = ConfigurationNode(
            .map([.init(key: "url", node: ConfigurationNode(.scalar(url, isQuoted: true)))]))
        let registry = try BrokerRegistry(
            BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: "redis-streams", options: options)],
                streams: [
                    StreamConfiguration(
                        "work", options: ConsumerOptions(visibility: .seconds(1)), groups: [GroupConfiguration("watch")]
                    )
                ]),
            logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
        let onlooker = Onlooker(registry)
        try await withBrokerRegistry(registry) { registry in
            registry.handle("work", group: "watch") { onlooker.note($0.message.payload.string) }
        } body: { _ in
            try await body(onlooker)
        }
    }

    /// The numbers of the messages it has handled.
    var handled: Set<String> { numbers.withLock { $0 } }

    /// Waits until it is not ready and returns why.
    func reason(within limit: Duration = .seconds(20)) async throws -> String {
        try await eventually("a registry that is not ready", within: limit) {
            guard let health = await registry.health().first, !health.isReady else { return nil }
            return health.reasons.joined(separator: "; ")
        }
    }

    /// Waits until it is ready.
    func readiness(within limit: Duration = .seconds(30)) async throws {
        try await eventually("a registry that is ready", within: limit) {
            await registry.health().first?.isReady == true
        }
    }

    private func note(_ text: String) {
        let number = text.prefix { $0 != " " }
        numbers.withLock { _ = $0.insert(String(number)) }
    }
}
