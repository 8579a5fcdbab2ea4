// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Foundation
import RedisTestSupport
import RedisWire
import Testing

/// The `tls` options reach the connection, each of them.
@Suite struct TLSOptionsTests {
    /// Makes an authority in `folder`, and certificates of `redis.test` and of a client that it has signed.
    private func makeCertificates(in folder: String) async throws {
        let script = """
            cd "$0"
            new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            openssl req -x509 $new -days 3 -subj /CN=authority -keyout ca.key -out ca.pem
            printf 'subjectAltName=DNS:redis.test' > names
            for who in server client; do
              openssl req $new -subj /CN=$who -keyout $who.key -out $who.csr
              openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3 -extfile names -out $who.pem
            done
            """
        try await runProgram("sh", ["-ec", script, folder])
    }

    @Test func eachOptionIsNeededToReachADemandingServer() async throws {
        try await RedisServer.with(arguments: { port, folder in
            try await makeCertificates(in: folder)
            return [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", folder + "/server.pem",
                "--tls-key-file", folder + "/server.key", "--tls-ca-cert-file", folder + "/ca.pem",
                "--tls-auth-clients", "yes",
            ]
        }) { server in try await expectThatEachIsNeeded(server) }
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
