// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A Sentinel: its process, and what it says.
package struct SentinelNode: Sendable {
    /// Its process: kill, start, freeze and thaw it there; its socket and its port speak Sentinel.
    package let server: RedisServer
    /// Where it speaks TLS; `nil` if it does not.
    package let encryptedPort: Int?

    /// Where clients reach it.
    package var port: Int { server.port }

    /// Returns the port that it names as the primary's; `nil` while it names none, or does not answer.
    package func named(_ name: String = SentinelSet.name) async -> Int? {
        guard server.isRunning else { return nil }
        return try? await server.plain("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name, within: .seconds(1)).elements.last?
            .integer
    }

    /// Returns what it knows of the primary.
    package func primary() async throws -> [String: PlainReply] {
        try await server.demand(["SENTINEL", "MASTER", SentinelSet.name]).fields
    }

    /// Starts one that watches a primary.
    static func launch(
        watching primary: RedisServer, _ settings: SentinelSet.Settings, certificates: String?
    ) async throws -> SentinelNode {
        let encryptedPort = certificates == nil ? nil : try await FreePorts.take(1)[0]
        let credentials = settings.sentinelPassword.map { [$0] } ?? []
        let server = try await RedisServer.launch(credentials: credentials) { port, folder in
            let file = folder + "/sentinel.conf"
            try text(primary, settings).write(toFile: file, atomically: true, encoding: .utf8)
            let tls = certificates.map {
                ["--tls-port", "\(encryptedPort ?? 0)"] + SentinelSet.encryption($0)
            }
            return [file, "--sentinel", "--port", "\(port)"] + (tls ?? [])
        }
        return SentinelNode(server: server, encryptedPort: encryptedPort)
    }

    private static func text(_ primary: RedisServer, _ settings: SentinelSet.Settings) -> String {
        let name = SentinelSet.name
        var lines = [
            "sentinel monitor \(name) 127.0.0.1 \(primary.port) \(settings.sentinels / 2 + 1)",
            "sentinel down-after-milliseconds \(name) \(settings.downAfter)",
            "sentinel failover-timeout \(name) \(settings.failoverTimeout)",
        ]
        if let user = settings.user {
            lines += ["sentinel auth-user \(name) \(user.name)", "sentinel auth-pass \(name) \(user.password)"]
        }
        if let password = settings.sentinelPassword {
            lines += ["requirepass \(password)", "sentinel sentinel-pass \(password)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
