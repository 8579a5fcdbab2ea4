// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

extension RedisStreamsProvider: AddressReporting {
    /// The server's URL, with `***` in place of user and password.
    public var address: String { "\(options.connection.url)" }
}

extension RedisStreamsProvider: HealthReporting {
    /// Ready while the server answers, within the command timeout; what it tells of itself is in the details.
    ///
    /// `ping-time` (milliseconds), `server-version`, `used-memory` (bytes), `clients`, `subscribed-channels`: each is
    /// missing where the server does not say it.
    public func health() async -> ProviderHealth {
        let (isClosed, refusal) = state.withLock { ($0.isClosed, $0.refusal) }
        if isClosed { return ProviderHealth(isReady: false, reason: "closed") }
        do throws(RedisError) {
            var report = try await vitalSigns()
            if let refusal {
                report.isReady = false
                report.reason = refusal.message
            }
            return report
        } catch {
            return ProviderHealth(isReady: false, reason: error.message)
        }
    }

    private func vitalSigns() async throws(RedisError) -> ProviderHealth {
        let deadline = clock.now + options.connection.commandTimeout
        let connection = try await connectionForHealth(until: deadline)
        var commands = RedisCommands("PING")
        commands.begin(1, "INFO")
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

    /// The open connection, or what comes of one attempt to make one that takes no longer than until the deadline.
    private func connectionForHealth(until deadline: Instant) async throws(RedisError) -> RedisConnection {
        let late = RedisError(.timeout, "no connection within \(options.connection.commandTimeout)")
        let result = await withTaskGroup(of: Result<RedisConnection, RedisError>?.self) { [commands, clock] group in
            group.addTask { await commands.attempt() }
            group.addTask {
                await clock.sleep(until: deadline)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        return try (result ?? .failure(late)).get()
    }
}

extension RedisLink {
    fileprivate func attempt() async -> Result<RedisConnection, RedisError> {
        do throws(RedisError) {
            return .success(try await connection())
        } catch {
            return .failure(error)
        }
    }
}
