// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A primary, its replicas and the Sentinels that watch them, on free ports of this machine; they end with the test, and
/// with the test program whatever becomes of that. They agree after about four seconds: share ``shared()`` where nothing
/// is broken.
package final class SentinelSet: Sendable {
    /// The name of the primary.
    package static let name = "main"

    /// How a set is started.
    package struct Settings: Sendable {
        /// How many servers follow the primary.
        package var replicas = 2
        /// How many Sentinels watch; more than half of them must agree.
        package var sentinels = 3
        /// How long the primary may be silent, in milliseconds.
        package var downAfter = 1000
        /// How long a failover may take, in milliseconds.
        package var failoverTimeout = 3000
        /// The password that the Sentinels demand; `nil` for none.
        package var sentinelPassword: String?
        /// The only user of the data; `nil` for the default user without a password.
        package var user: (name: String, password: String)?
        /// Whether the servers of the data speak TLS only; the Sentinels speak it on ports of their own, beside the others.
        package var isEncrypted = false
        /// More arguments for each server of the data.
        package var arguments: [String] = []

        package init() {}
    }

    /// How it was started.
    package let settings: Settings
    /// The servers of the data; the first one began as the primary.
    package let servers: [RedisServer]
    /// The Sentinels.
    package let sentinels: [SentinelNode]

    private init(_ settings: Settings, _ servers: [RedisServer], _ sentinels: [SentinelNode]) {
        self.settings = settings
        self.servers = servers
        self.sentinels = sentinels
    }

    /// Runs `body` with a set of its own.
    package static func with<Result>(
        _ settings: Settings = Settings(), _ body: (SentinelSet) async throws -> Result
    ) async throws -> Result {
        let set = try await start(settings)
        do {
            let result = try await body(set)
            await set.discard()
            return result
        } catch {
            await set.discard()
            throw error
        }
    }

    /// Returns the set of a primary, two replicas and three Sentinels that all tests of this program share; nobody may
    /// kill, freeze or fail over anything of it.
    package static func shared() async throws -> SentinelSet { try await sharedOne.value() }

    private static let sharedOne = SharedStart { try await start(Settings()) }

    /// Starts a set that lives until ``discard()``, or until the test program ends.
    package static func start(_ settings: Settings) async throws -> SentinelSet {
        var servers: [RedisServer] = []
        var sentinels: [SentinelNode] = []
        do {
            for _ in 0...settings.replicas {
                servers.append(try await launch(settings, following: servers.first))
            }
            for _ in 0..<settings.sentinels {
                let certificates = settings.isEncrypted ? servers[0].folder : nil
                sentinels.append(
                    try await SentinelNode.launch(watching: servers[0], settings, certificates: certificates))
            }
            let set = SentinelSet(settings, servers, sentinels)
            try await set.waitUntilWell()
            return set
        } catch {
            for server in sentinels.map(\.server) + servers { await server.discard() }
            throw error
        }
    }

    private static func launch(_ settings: Settings, following primary: RedisServer?) async throws -> RedisServer {
        let credentials = settings.user.map { [$0.name, $0.password] } ?? []
        return try await RedisServer.launch(credentials: credentials) { port, folder in
            var arguments = ["--repl-diskless-sync-delay", "0"] + settings.arguments
            if settings.isEncrypted {
                if primary == nil { try await RedisServer.makeCertificates(in: folder) }
                arguments += ["--port", "0", "--tls-port", "\(port)"] + encryption(primary?.folder ?? folder)
            } else {
                arguments += ["--port", "\(port)"]
            }
            if let user = settings.user {
                arguments += [
                    "--user", user.name, "on", ">\(user.password)", "~*", "&*", "+@all", "--user", "default", "off",
                    "--masteruser", user.name, "--masterauth", user.password,
                ]
            }
            return arguments + (primary.map { ["--replicaof", "127.0.0.1", "\($0.port)"] } ?? [])
        }
    }

    static func encryption(_ folder: String) -> [String] {
        [
            "--tls-cert-file", folder + "/server.pem", "--tls-key-file", folder + "/server.key", "--tls-ca-cert-file",
            folder + "/ca.pem", "--tls-auth-clients", "no", "--tls-replication", "yes",
        ]
    }

    /// The authority that signed the certificates, a file; `nil` if nothing is encrypted.
    package var authority: String? { settings.isEncrypted ? servers[0].folder + "/ca.pem" : nil }

    /// The URL with all Sentinels.
    package var url: String {
        let user = settings.user.map { "\($0.name):\($0.password)@" } ?? ""
        let hosts = sentinels.map { "127.0.0.1:\($0.encryptedPort ?? $0.port)" }.joined(separator: ",")
        return "\(settings.isEncrypted ? "rediss" : "redis")+sentinel://\(user)\(hosts)/\(Self.name)"
    }

    /// Ends everything and removes its folders.
    package func discard() async {
        for server in sentinels.map(\.server) + servers { await server.discard() }
    }
}
