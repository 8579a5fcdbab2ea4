// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

@Suite(.inRealTime, .serialized) struct TLSTests {
    private func link(
        _ server: RedisServer, host: String = "localhost", _ change: (inout TLSOptions) -> Void = { _ in }
    ) throws -> RedisLink {
        try server.link("rediss://:hunter2@\(host):\(server.port)") { options in
            options.url.password = nil
            options.tls.authorityFile = server.folder + "/ca.pem"
            change(&options.tls)
        }
    }

    private func expectRefusal(_ link: RedisLink) async {
        let error = await #expect(throws: RedisError.self) { try await link.connection() }
        #expect(error?.code == .tls, "\(String(describing: error))")
        #expect(error?.effect == .notApplied)
        #expect(error?.isRetryable == false)
    }

    @Test func acceptsACertificateByNameAndByAddress() async throws {
        try await RedisServer.withTLS { server in
            for host in ["localhost", "127.0.0.1"] {
                let connection = try await link(server, host: host).connection()
                #expect(try await connection.submit(RedisCommands("PING")).reply().string == "PONG")
            }
        }
    }

    @Test func refusesACertificateForAnotherName() async throws {
        try await RedisServer.withTLS(names: "DNS:localhost") { server in
            await expectRefusal(try link(server) { $0.serverName = "redis.example.com" })
            await expectRefusal(try link(server, host: "127.0.0.1"))
            let named = try await link(server, host: "127.0.0.1") { $0.serverName = "localhost" }.connection()
            #expect(named.isOpen)
        }
    }

    @Test func refusesAnUnknownAuthority() async throws {
        try await RedisServer.withTLS { server in
            await expectRefusal(try link(server) { $0.authorityFile = nil })
            #expect(
                try await link(server) { tls in
                    tls.authorityFile = nil
                    tls.verification = .none
                }.connection().isOpen)
        }
    }

    @Test func refusesAnExpiredCertificate() async throws {
        try await RedisServer.withTLS(days: -1) { server in await expectRefusal(try link(server)) }
    }

    @Test func refusesAServerThatDoesNotEncrypt() async throws {
        try await RedisServer.with { server in
            let link = try server.link("rediss://localhost:\(server.port)") { $0.connectTimeout = .milliseconds(500) }
            let refusal = await #expect(throws: RedisError.self) { try await link.connection() }
            let error = try #require(refusal)
            #expect(error.effect == .notApplied)
            #expect(
                error.message
                    == "no answer in TLS from localhost:\(server.port); if it speaks no TLS, write redis:// in 'url'")
        }
    }

    @Test func clearTextToAnEncryptedPortIsRefusedWithAHint() async throws {
        try await RedisServer.withTLS { server in
            let link = try server.link("redis://localhost:\(server.port)")
            let refusal = await #expect(throws: RedisError.self) { try await link.connection() }
            let error = try #require(refusal)
            #expect(error.effect == .notApplied)
            #expect(
                error.message
                    == "localhost:\(server.port) closed the connection at once; if it speaks TLS, write rediss:// in 'url'"
            )
        }
    }

    @Test func presentsACertificateToAServerThatDemandsOne() async throws {
        try await RedisServer.withTLS(demandsCertificate: true) { server in
            await expectRefusal(try link(server))
            let connection = try await link(server) { tls in
                tls.certificateFile = server.folder + "/client.pem"
                tls.keyFile = server.folder + "/client.key"
            }.connection()
            #expect(try await connection.submit(RedisCommands("PING")).reply().string == "PONG")
        }
    }

    @Test func aRefusedServerIsSentNothingInClear() async throws {
        try await ScriptedServer.with { server in
            let link = try testLink("rediss://app:hunter2@127.0.0.1:\(server.port)") {
                $0.connectTimeout = .milliseconds(300)
            }
            let error = await #expect(throws: RedisError.self) { try await link.connection() }
            #expect(error?.effect == .notApplied)
            #expect(server.received == [])
        }
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let missing = #expect(throws: RedisError.self) {
            try testLink("rediss://h") { $0.tls.authorityFile = "/no/such/ca.pem" }
        }
        #expect(missing?.message == "tls: '/no/such/ca.pem' cannot be read as PEM")
        let half = #expect(throws: RedisError.self) {
            try testLink("rediss://h") { $0.tls.keyFile = "/no/such/key.pem" }
        }
        #expect(half?.message == "tls: a client certificate needs both 'certificate' and 'key'")
    }
}
