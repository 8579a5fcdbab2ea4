// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// The `tls` options reach the connection, each of them.
@Suite(.inRealTime) struct TLSOptionsTests {
    @Test func eachOptionIsNeededToReachADemandingServer() async throws {
        try await RedisServer.withTLS(names: "DNS:redis.test", demandsCertificate: true) { server in
            try await expectThatEachIsNeeded(server)
        }
    }

    private func expectThatEachIsNeeded(_ server: RedisServer) async throws {
        let all = [
            "ca: \(server.folder)/ca.pem", "server-name: redis.test",
            "certificate: \(server.folder)/client.pem, key: \(server.folder)/client.key",
        ]
        #expect(try await isReady(all, server))
        for index in all.indices {
            var options = all
            options.remove(at: index)
            #expect(try await !isReady(options, server), "without \(all[index])")
        }
        #expect(try await isReady([all[2], "verify: none"], server))
    }

    private func isReady(_ options: [String], _ server: RedisServer) async throws -> Bool {
        let tls = options.joined(separator: ", ")
        let text = "url: rediss://127.0.0.1:\(server.port)\ntls: { \(tls) }\ncommand-timeout: 2s"
        let provider = try #require(try OptionsFixture.provider(text))
        let isReady = await provider.health().isReady
        await provider.close()
        return isReady
    }
}
