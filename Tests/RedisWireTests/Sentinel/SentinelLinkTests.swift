// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

/// Connections that go where Sentinels say: scripted Sentinels and servers, real sockets.
@Suite(.inRealTime, .serialized) struct SentinelLinkTests {
    private static let primary: @Sendable ([String]) -> ScriptedServer.Answer? = { command in
        switch command[0] {
        case "ROLE": .bytes("*3\r\n$6\r\nmaster\r\n:1\r\n*0\r\n")
        case "ECHO": .bytes("+\(command[1])\r\n")
        default: nil
        }
    }

    private static func options(_ ports: [Int], user: String = "", _ change: (inout RedisOptions) -> Void = { _ in })
        throws -> RedisOptions
    {
        let hosts = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
        var options = RedisOptions(url: try RedisURL("redis+sentinel://\(user)\(hosts)/mymaster"))
        options.connectTimeout = .seconds(10)
        change(&options)
        return options
    }

    private func expectFailure(_ options: RedisOptions, _ message: String) async throws {
        let router = try RedisRouter(options, logger: WireLog().logger)
        let error = await #expect(throws: RedisError.self) { try await router.connection(for: RedisRoutes(.anyNode)) }
        #expect(error?.message == message)
        #expect(error?.effect == .notApplied)
        #expect(error?.isRetryable == true)
        await router.close()
    }

    // MARK: Causes

    @Test func noSentinelCanBeReached() async throws {
        let hole = try BlackHole()
        try await ScriptedServer.with { _ in
            .cut("")
        } _: { sentinel in
            let port = sentinel.port
            try await expectFailure(
                try Self.options([port, hole.port]),
                "no Sentinel of the primary 'mymaster' answers: 127.0.0.1:\(port) (the connection was lost), "
                    + "127.0.0.1:\(hole.port) (no answer within 500 ms); are they running, are their addresses right?")
        }
    }

    @Test func noSentinelKnowsTheName() async throws {
        let stranger = ScriptedSentinel(naming: nil)
        try await ScriptedServer.with(answer: stranger.answer) { sentinel in
            try await expectFailure(
                try Self.options([sentinel.port]),
                "no Sentinel knows a primary 'mymaster', as 127.0.0.1:\(sentinel.port) says; is it the name that stands "
                    + "behind 'sentinel monitor' in its configuration?")
        }
    }

    @Test func whatTheyNameIsAReplica() async throws {
        try await ScriptedServer.with { command in
            command[0] == "ROLE" ? .bytes("*5\r\n$5\r\nslave\r\n$1\r\na\r\n:1\r\n$9\r\nconnected\r\n:0\r\n") : nil
        } _: { server in
            let naming = ScriptedSentinel(naming: server.port)
            try await ScriptedServer.with(answer: naming.answer) { sentinel in
                try await expectFailure(
                    try Self.options([sentinel.port]),
                    "127.0.0.1:\(server.port) is named as the primary and says that it is a replica; a failover may be "
                        + "under way")
            }
        }
    }

    @Test func aUserWithoutTheRightToRoleProvesItByInfo() async throws {
        for (info, isPrimary) in [
            ("# Replication\r\nrole:master\r\n", true), ("# Replication\r\nrole:slave\r\n", false),
        ] {
            try await ScriptedServer.with { command in
                switch command[0] {
                case "ROLE": .bytes("-NOPERM this user has no permissions to run the 'role' command\r\n")
                case "INFO": .bytes("$\(info.utf8.count)\r\n\(info)\r\n")
                default: nil
                }
            } _: { server in
                let naming = ScriptedSentinel(naming: server.port)
                try await ScriptedServer.with(answer: naming.answer) { sentinel in
                    let router = try RedisRouter(try Self.options([sentinel.port]), logger: WireLog().logger)
                    let connection = try? await router.connection(for: RedisRoutes(.anyNode))
                    #expect((connection != nil) == isPrimary)
                    await router.close()
                }
            }
        }
    }

    @Test func aServerThatTellsNothingIsNotUsed() async throws {
        try await ScriptedServer.with { command in
            ["ROLE", "INFO"].contains(command[0]) ? .bytes("-NOPERM this user may not\r\n") : nil
        } _: { server in
            let naming = ScriptedSentinel(naming: server.port)
            try await ScriptedServer.with(answer: naming.answer) { sentinel in
                let router = try RedisRouter(try Self.options([sentinel.port]), logger: WireLog().logger)
                let error = await #expect(throws: RedisError.self) {
                    try await router.connection(for: RedisRoutes(.anyNode))
                }
                #expect(
                    error?.message
                        == "the server at 127.0.0.1:\(server.port) does not tell this user whether it is the primary "
                        + "(NOPERM this user may not); give the user the right to ROLE, or to INFO")
                await router.close()
            }
        }
    }

    // MARK: Switching

    @Test func anAnnouncementClosesTheConnectionAndWhatIsInFlightIsUnknown() async throws {
        let log = WireLog()
        try await ScriptedServer.with(answer: Self.primary) { old in
            try await ScriptedServer.with(answer: Self.primary) { new in
                let naming = ScriptedSentinel(naming: old.port)
                try await ScriptedServer.with(answer: naming.answer) { sentinel in
                    let router = try RedisRouter(try Self.options([sentinel.port]), logger: log.logger)
                    let routes = RedisRoutes(.anyNode)
                    let connection = try await router.connection(for: routes)
                    let inFlight = try connection.submit(RedisCommands("XREADGROUP"), blocking: .seconds(5))
                    // What has not reached the socket yet would have no effect at all.
                    try await old.waitForCommands { $0.last == ["XREADGROUP"] }
                    try await eventually("somebody who listens") { naming.listeners > 0 }
                    naming.announce(new.port)
                    let error = await #expect(throws: RedisError.self) { try await inFlight.replies() }
                    #expect(error?.effect == .unknown)
                    #expect(
                        error?.message
                            == "left 127.0.0.1:\(old.port), since the primary 'mymaster' is 127.0.0.1:\(new.port) now")
                    let next = try await router.connection(for: routes)
                    #expect(next.address == .host("127.0.0.1", port: new.port))
                    #expect(try await next.submit(RedisCommands("ECHO", "new")).reply().string == "new")
                    let names = [(old.port, "OLD"), (new.port, "NEW"), (sentinel.port, "SENTINEL")]
                    let lines = try await eventually("lines") {
                        let lines = log.lines(replacing: names.map { (port: $0.0, name: $0.1) })
                        return lines.count > 1 ? lines : nil
                    }
                    #expect(lines[0] == "warning Left OLD: SENTINEL says that the primary 'mymaster' is NEW now")
                    #expect(lines[1].hasPrefix("info The primary 'mymaster' is NEW, found after "))
                    #expect(lines.count == 2)
                    await router.close()
                }
            }
        }
    }

    /// The old server neither answers nor closes, as a machine without power does.
    @Test func anAttemptThatHangsIsGivenUpForTheNewServer() async throws {
        let hole = try BlackHole()
        try await ScriptedServer.with(answer: Self.primary) { new in
            let naming = ScriptedSentinel(naming: hole.port)
            try await ScriptedServer.with(answer: naming.answer) { sentinel in
                let router = try RedisRouter(
                    try Self.options([sentinel.port]) { $0.connectTimeout = .seconds(60) }, logger: WireLog().logger)
                async let connection = router.connection(for: RedisRoutes(.anyNode))
                try await eventually("somebody who listens") { naming.listeners > 0 }
                let began = ContinuousClock.now
                naming.announce(new.port)
                #expect(try await connection.address == .host("127.0.0.1", port: new.port))
                #expect(ContinuousClock.now - began < .seconds(5))
                await router.close()
            }
        }
    }

    @Test func aServerThatBecameReadOnlyIsLeftAndAskedFor() async throws {
        let log = WireLog()
        try await ScriptedServer.with { command in
            command[0] == "SET"
                ? .bytes("-READONLY You can't write against a read only replica.\r\n") : Self.primary(command)
        } _: { old in
            let naming = ScriptedSentinel(naming: old.port)
            try await ScriptedServer.with(answer: naming.answer) { sentinel in
                let router = try RedisRouter(try Self.options([sentinel.port]), logger: log.logger)
                let connection = try await router.connection(for: RedisRoutes(.anyNode))
                let error = try #require(try await connection.send(RedisCommands("SET", "a", "b"))[0]?.error)
                connection.react(to: error)
                #expect(!connection.isOpen)
                let doubt =
                    "warning The primary 'mymaster' at OLD is in doubt: READONLY You can't write against a read only "
                    + "replica.; asking the Sentinels"
                try await eventually("a doubt") { log.lines(replacing: [(old.port, "OLD")]).first == doubt }
                await router.close()
            }
        }
    }

    @Test func aPrimaryWithoutReplicasForASecondIsDoubted() async throws {
        let log = WireLog()
        try await ScriptedServer.with(answer: Self.primary) { server in
            let naming = ScriptedSentinel(naming: server.port)
            try await ScriptedServer.with(answer: naming.answer) { sentinel in
                let router = try RedisRouter(try Self.options([sentinel.port]), logger: log.logger)
                let connection = try await router.connection(for: RedisRoutes(.anyNode))
                let error = ServerError("NOREPLICAS Not enough good replicas to write.")
                connection.react(to: error)
                #expect(connection.isOpen)
                #expect(log.lines(replacing: []).isEmpty)
                try await eventually("a doubt") {
                    connection.react(to: error)
                    return log.lines(replacing: []).first?.contains("is in doubt: NOREPLICAS") == true
                }
                #expect(connection.isOpen)
                await router.close()
            }
        }
    }

    // MARK: The Sentinels' connections

    @Test func sentinelsGetTheirOwnLoginAndNeverThatOfTheData() async throws {
        try await ScriptedServer.with(answer: Self.primary) { server in
            let naming = ScriptedSentinel(naming: server.port)
            try await ScriptedServer.with(answer: naming.answer) { sentinel in
                let options = try Self.options([sentinel.port], user: "app:data-secret@") {
                    $0.sentinel.password = RedisPassword("sentinel-secret")
                }
                let router = try RedisRouter(options, logger: WireLog().logger)
                _ = try await router.connection(for: RedisRoutes(.anyNode))
                #expect(server.received.first == ["AUTH", "app", "data-secret"])
                #expect(sentinel.received.first == ["AUTH", "sentinel-secret"])
                #expect(!sentinel.received.joined().contains("data-secret"))
                #expect(!server.received.joined().contains("sentinel-secret"))
                await router.close()
            }
        }
    }

    @Test func anAddressIsMapped() async throws {
        try await ScriptedServer.with(answer: Self.primary) { server in
            let naming = ScriptedSentinel(naming: 1)
            try await ScriptedServer.with(answer: naming.answer) { sentinel in
                let options = try Self.options([sentinel.port]) {
                    _ = $0.addressMap.add(.host("127.0.0.1", port: 1), reachedAt: .host("127.0.0.1", port: server.port))
                }
                let router = try RedisRouter(options, logger: WireLog().logger)
                let connection = try await router.connection(for: RedisRoutes(.anyNode))
                #expect(connection.address == .host("127.0.0.1", port: server.port))
                await router.close()
            }
        }
    }

    @Test func allRoutersOfAProcessShareOneConnectionWhichEndsWithTheLast() async throws {
        try await ScriptedServer.with(answer: Self.primary) { server in
            let naming = ScriptedSentinel(naming: server.port)
            try await ScriptedServer.with(answer: naming.answer) { sentinel in
                let options = try Self.options([sentinel.port])
                weak var watch: (any AddressSource)?
                do {
                    var routers: [RedisRouter] = []
                    for _ in 0..<5 {
                        routers.append(try RedisRouter(options, logger: WireLog().logger))
                        _ = try await routers.last?.connection(for: RedisRoutes(.anyNode))
                    }
                    watch = try options.addressSource(logger: WireLog().logger)
                    #expect(watch != nil)
                    #expect(sentinel.received.count { $0.first == "CLIENT" } == 1)
                    for router in routers { await router.close() }
                }
                try await eventually("the end of the watch") { watch == nil }
            }
        }
    }
}
