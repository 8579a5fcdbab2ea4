// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import RedisTestSupport
import RedisWire

/// A provider on a scripted server, on a clock that stands still.
struct DialectStage: Sendable {
    let server: ScriptedServer
    let script: DialectScript
    let provider: RedisStreamsProvider
    let clock: ManualClock
    let log: LogLines

    static func with(
        _ dialect: Dialect, reads: [ScriptedServer.Answer] = [], _ body: (DialectStage) async throws -> Void
    ) async throws {
        let script = DialectScript(dialect, reads: reads)
        try await ScriptedServer.with {
            script.respond(to: $0)
        } _: { server in
            let (clock, log) = (ManualClock(), LogLines())
            let url = try RedisURL("redis://127.0.0.1:\(server.port)")
            let provider = try RedisStreamsProvider(
                RedisStreamsOptions(connection: RedisOptions(url: url)), clock: clock, logger: log.logger)
            let stage = DialectStage(server: server, script: script, provider: provider, clock: clock, log: log)
            do {
                try await body(stage)
            } catch {
                await provider.close()
                throw error
            }
            await provider.close()
        }
    }

    static let request = SubscriptionRequest(.stream("orders"), group: "billing", consumer: "one")

    func join() async throws -> any BrokerSubscription {
        try await provider.subscribe(Self.request)
    }

    /// How often a command was sent.
    func count(_ name: String) -> Int { server.received.count { $0[0] == name } }

    /// The calls of a script: keys and arguments.
    func calls(of script: RedisScript) -> [[String]] {
        server.received.filter { $0[0] == "EVALSHA" && $0[1] == script.digest }.map { Array($0.dropFirst(3)) }
    }

    /// Waits until `count` reads were sent.
    func waitForReads(_ count: Int) async throws {
        try await server.waitForCommands { commands in commands.count { $0[0] == "XREADGROUP" } >= count }
    }

    /// How often a connection was made.
    var connections: Int { count("SELECT") }

    /// Receipts as the group's first life gives them.
    static func receipts(_ count: Int) -> [Receipt] {
        (1...count).map { number in
            Receipt(
                stream: "orders", id: MessageID(milliseconds: UInt64(number), sequence: 1), epoch: 1,
                token: FencingToken.first)
        }
    }
}
