// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import Testing

/// The Sentinels of the rig do what they say, seen by plain connections.
@Suite("The Sentinels of the rig", .inRealTime, .serialized) struct SentinelSetTests {
    @Test func agreeOnThePrimary() async throws {
        let begin = ContinuousClock.now
        let set = try await SentinelSet.shared()
        print("three Sentinels agreed within \(ContinuousClock.now - begin)")
        let primary = try await set.primary()
        #expect(primary.port == set.servers[0].port)
        #expect(await set.named() == [primary.port, primary.port, primary.port])
        #expect(await set.replicas().map(\.port) == set.servers.dropFirst().map(\.port))
        let hosts = set.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        #expect(set.url == "redis+sentinel://\(hosts)/main")
    }

    @Test func failOverByCommand() async throws {
        try await SentinelSet.with { set in
            let old = try await set.primary()
            let news = try await set.sentinels[1].server.withPlainConnection(within: .seconds(60)) { connection in
                try await connection.command("SUBSCRIBE", "+switch-master")
                try await set.failover()
                return try await connection.next()
            }
            let new = try await set.waitForPrimary(otherThan: old)
            #expect(news.elements.last == .text("main 127.0.0.1 \(old.port) 127.0.0.1 \(new.port)"))
            try await set.waitUntilWell()
            #expect(await old.role() == "slave")
        }
    }

    @Test func replaceAPrimaryThatDied() async throws {
        try await SentinelSet.with { set in
            let old = try await set.primary()
            await old.kill()
            let new = try await set.waitForPrimary(otherThan: old)
            #expect(await new.role() == "master")
            try await old.start()
            try await set.waitUntilWell()
            #expect(await old.role() == "slave")
        }
    }

    @Test func replaceAPrimaryThatStandsStillWithoutOneOfThem() async throws {
        try await SentinelSet.with { set in
            let old = try await set.primary()
            await set.sentinels[2].server.kill()
            try old.freeze()
            _ = try await set.waitForPrimary(otherThan: old)
            #expect(await set.sentinels[2].named() == nil)
            try old.thaw()
            try await set.sentinels[2].server.start()
            try await set.waitUntilWell()
            #expect(await old.role() == "slave")
        }
    }

    @Test func demandWhatTheyAreTold() async throws {
        var settings = SentinelSet.Settings()
        settings.replicas = 1
        settings.sentinelPassword = "sesame"
        settings.user = ("app", "secret")
        // Not every binary that the tests can be given was built with TLS; that of the system is.
        let canEncrypt = try await RedisServer.with { try await $0.plain("CONFIG", "GET", "tls-port") != .array([]) }
        settings.isEncrypted = canEncrypt
        try await SentinelSet.with(settings) { set in
            let old = try await set.primary()
            let refused = try await PlainConnection.with(.port(set.sentinels[0].port)) {
                try await $0.command("SENTINEL", "MASTERS")
            }
            #expect(refused.errorText?.hasPrefix("NOAUTH") == true)
            let plain = try await PlainConnection.with(.socket(old.folder + "/redis.sock")) {
                try await $0.command("GET", "a")
            }
            #expect(plain.errorText?.hasPrefix("NOAUTH") == true)
            let hosts = set.sentinels.map { "127.0.0.1:\($0.encryptedPort ?? $0.port)" }.joined(separator: ",")
            #expect(set.url == "\(canEncrypt ? "rediss" : "redis")+sentinel://app:secret@\(hosts)/main")
            try await set.failover()
            _ = try await set.waitForPrimary(otherThan: old)
        }
    }
}
