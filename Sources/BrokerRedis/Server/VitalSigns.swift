// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// Asks a server how it is, within the command timeout.
struct VitalSigns {
    private let router: RedisRouter
    private let options: RedisOptions
    private let clock: any BrokerClock

    init(_ router: RedisRouter, _ options: RedisOptions, _ clock: any BrokerClock) {
        self.router = router
        self.options = options
        self.clock = clock
    }

    /// That it answers, and what it tells of itself.
    func report() async throws(RedisError) -> ProviderHealth {
        let deadline = clock.now + options.commandTimeout
        let connection = try await router.connection(for: RedisRoutes(.anyNode), within: options.commandTimeout)
        var commands = RedisCommands("PING", for: .anyNode)
        commands.begin(1, "INFO", for: .anyNode)
        let start = clock.now
        let replies = try await connection.submit(commands, timeout: max(deadline - start, .milliseconds(1))).replies()
        let time = clock.now - start
        // A user may be forbidden to ping; that says that the server works.
        if let error = replies[0]?.error, error.reaction != .alarm { throw RedisError(error) }
        return ProviderHealth(isReady: true, details: details(ServerFacts(replies[1]), pingTime: time))
    }

    private func details(_ facts: ServerFacts, pingTime: Duration) -> [String: String] {
        let milliseconds = pingTime.nanosecondsSaturating / 10_000
        let details: [String: String?] = [
            "ping-time": "\(milliseconds / 100).\(milliseconds % 100 / 10)\(milliseconds % 10)",
            "server-version": facts.name, "used-memory": facts["used_memory"], "clients": facts["connected_clients"],
            "subscribed-channels": facts["pubsub_channels"],
        ]
        return details.compactMapValues { $0 }
    }
}
