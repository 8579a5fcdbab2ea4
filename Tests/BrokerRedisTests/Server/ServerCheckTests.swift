// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// What a look at the server finds before the first message is read.
@Suite(.inRealTime) struct ServerCheckTests {
    private static let request = SubscriptionRequest(.stream("orders"), group: "billing", consumer: "c")

    /// The findings about a server that says this of itself, and the error if it cannot be used.
    private func look(
        information: String, connections: Int = 64, durability: DurabilityPolicy? = nil
    ) async throws -> (warnings: [String], debug: [String], error: BrokerError?) {
        try await ScriptedServer.with { command in
            switch command[0] {
            case "INFO": .bytes(information.hasPrefix("-") ? "\(information)\r\n" : bulk(information))
            case "CONFIG": .bytes("-NOPERM this user has no permissions to run the 'config|get' command\r\n")
            case "EVALSHA": .bytes("*0\r\n")
            default: nil
            }
        } _: { server in
            let log = LogLines()
            var options = RedisStreamsOptions(
                connection: RedisOptions(url: try RedisURL("redis://127.0.0.1:\(server.port)")))
            options.maximumConnections = connections
            let provider = try RedisStreamsProvider(
                options, streams: [StreamConfiguration("orders", durability: durability)],
                clock: TimeControl.real().clock, logger: log.logger)
            var found: BrokerError?
            do throws(BrokerError) { try await provider.checkServer(for: Self.request) } catch { found = error }
            await provider.close()
            return (log.lines(.warning), log.lines(.debug), found)
        }
    }

    private func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    private static let fit = """
        # Server\r\nredis_version:6.2.6\r\n# Clients\r\nmaxclients:10000\r\nmaxmemory_policy:noeviction\r\nrole:master\r
        cluster_enabled:0\r\n
        """

    @Test func anOldServerThatIsFitIsTakenWithoutAWord() async throws {
        let (warnings, debug, error) = try await look(information: Self.fit)
        #expect(error == nil)
        #expect(warnings == [])
        #expect(debug.contains { $0.contains("the server does not say what its user may do") })
    }

    @Test func aDiskThatCannotBeWaitedForIsToldAtTheStart() async throws {
        let policy = DurabilityPolicy(fsync: true)
        let old = try await look(information: Self.fit, durability: policy)
        #expect(
            old.error?.message
                == "'durability.fsync' of 'orders' needs Redis 7.2 or Valkey (WAITAOF), and the server is Redis 6.2.6")
        let young = Self.fit.replacing("6.2.6", with: "7.2.0")
        let without = try await look(information: young + "aof_enabled:0\r\n", durability: policy)
        #expect(
            without.error?.message
                == "'durability.fsync' of 'orders' needs an append-only file, and the server has none: set its appendonly "
                + "to yes")
        #expect(without.error?.isRetryable == false)
        let with = try await look(information: young + "aof_enabled:1\r\n", durability: policy)
        #expect(with.error == nil)
    }

    @Test func tooFewReplicasAreAWarning() async throws {
        let policy = DurabilityPolicy(replicas: 2, timeout: .milliseconds(1500))
        for count in 0..<3 {
            let found = try await look(
                information: Self.fit + "connected_slaves:\(count)\r\n", durability: policy)
            #expect(found.error == nil)
            #expect(
                found.warnings.filter { $0.contains("durability") }.map {
                    $0.contains(
                        "'durability.replicas' of 'orders' is 2, and the server has \(count): until it has more, each publish "
                            + "waits 1.5 s and fails with underReplicated")
                } == (count < 2 ? [true] : []))
        }
    }

    @Test func aServerBefore6_2CannotBeUsed() async throws {
        let found = try await look(information: Self.fit.replacing("6.2.6", with: "6.0.16"))
        #expect(found.error?.message == "the server is Redis 6.0.16; Redis 6.2 or Valkey is needed")
        #expect(found.error?.isRetryable == false)
    }

    @Test func aReplicaIsWaitedFor() async throws {
        let found = try await look(information: Self.fit.replacing("master", with: "slave"))
        #expect(found.error?.isRetryable == true)
        #expect(found.error?.message == "the server is a replica, which takes no writes; 'url' names the primary")
    }

    @Test func aNodeOfAClusterAndFewClientsAreWarnedAbout() async throws {
        let information = Self.fit.replacing("cluster_enabled:0", with: "cluster_enabled:1")
            .replacing("maxclients:10000", with: "maxclients:32")
        let found = try await look(information: information)
        #expect(found.error == nil)
        #expect(found.warnings.count == 2)
        #expect(found.warnings.contains { $0.contains("the server takes 32 clients in all (maxclients)") })
        #expect(
            found.warnings.contains {
                $0.contains(
                    "the server is a node of a cluster: only streams in the slots of this node can be used; with "
                        + "redis+cluster:// in place of redis:// in 'url' all can")
            })
        #expect(try await look(information: information, connections: 32).warnings.count == 1)
    }

    @Test(arguments: [
        ("7.2.0", true), ("7.2.6", true), ("7.2.7", false), ("7.0.15", false), ("7.4.0", false),
        ("7.2.4\r\nvalkey_version:8.0.1", false),
    ])
    func aVersionThatCrashesWhenASlotMovesIsWarnedAbout(version: String, isFragile: Bool) async throws {
        let node = Self.fit.replacing("6.2.6", with: version).replacing("cluster_enabled:0", with: "cluster_enabled:1")
        let found = try await look(information: node)
        #expect(found.error == nil)
        let warning =
            "the server is Redis \(version), which crashes when the slot of a blocked read moves to another node; "
            + "upgrade to 7.2.7 or later before you move slots"
        #expect(found.warnings.contains { $0.contains(warning) } == isFragile)
        #expect(try await look(information: Self.fit.replacing("6.2.6", with: version)).warnings == [])
    }

    @Test func aServerThatForbidsQuestionsIsTaken() async throws {
        let found = try await look(information: "-NOPERM this user has no permissions to run the 'info' command")
        #expect(found.error == nil)
        #expect(found.warnings == [])
        for what in ["its version", "its maxmemory-policy", "its maxclients", "whether it is a replica"] {
            #expect(found.debug.contains { $0.contains("the server does not say \(what)") }, "\(what)")
        }
    }

    @Test func aServerThatRenamedConfigAndInfoIsTaken() async throws {
        try await ProviderFixture.with(
            arguments: ["--rename-command", "CONFIG", "", "--rename-command", "INFO", ""]
        ) { fixture in
            try await fixture.provider.checkServer(for: Self.request)
            #expect(fixture.log.lines(.warning) == [])
            #expect(fixture.log.lines(.error) == [])
            #expect(fixture.log.lines(.debug).contains { $0.contains("does not say its maxmemory-policy") })
        }
    }

    @Test func evictionIsWarnedAboutOnceAndRefusedOnDemand() async throws {
        try await ProviderFixture.with(arguments: ["--maxmemory-policy", "allkeys-lru"]) { fixture in
            for _ in 0..<3 { try await fixture.provider.checkServer(for: Self.request) }
            let warnings = fixture.log.lines(.warning)
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("maxmemory-policy is allkeys-lru") == true)

            let strict = try fixture.another { $0.requiresNoEviction = true }
            let refusal = await #expect(throws: BrokerError.self) { try await strict.subscribe(Self.request) }
            let error = try #require(refusal)
            #expect(!error.isRetryable)
            #expect(error.message.contains("set it to noeviction, which 'require.noeviction' asks for"))
            await #expect(throws: BrokerError.self) { try await strict.run() }
            #expect(try await fixture.command("EXISTS", "orders").integer == 0)
            await strict.close()
        }
    }

    @Test func aServerWithoutACommandCannotBeUsed() async throws {
        try await ProviderFixture.with(arguments: ["--rename-command", "XCLAIM", ""]) { fixture in
            let error = await #expect(throws: BrokerError.self) {
                try await fixture.provider.checkServer(for: Self.request)
            }
            #expect(error?.message == "the server does not have the commands XCLAIM")
            #expect(error?.isRetryable == false)
        }
    }

    @Test func aServerWithoutScriptsCannotBeUsed() async throws {
        try await ProviderFixture.with(arguments: ["--rename-command", "EVALSHA", ""]) { fixture in
            let error = await #expect(throws: BrokerError.self) {
                try await fixture.provider.checkServer(for: Self.request)
            }
            #expect(error?.message.hasPrefix("the server runs no scripts: ERR unknown command") == true)
        }
    }
}
