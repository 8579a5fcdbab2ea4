// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import RedisTestSupport
import RedisWire
import Testing

/// A push connection to a server that encrypts.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(1))) struct PushTLSTests {
    /// Runs `body` with a link to a server that demands a password; what the link sends is on the tap.
    private func with(
        _ change: (inout RedisOptions, RedisServer) -> Void,
        _ body: (PushLink, PushNotes, RedisConnection, ByteTap) async throws -> Void
    ) async throws {
        try await RedisServer.withTLS { server in
            let other = try await server.link(server.socketURL).connection()
            _ = try await other.submit(RedisCommands("CONFIG", "SET", "requirepass", "hunter2")).reply()
            _ = try await other.submit(RedisCommands("CONFIG", "RESETSTAT")).reply()
            try await ByteTap.with(before: server.port) { tap in
                var options = RedisOptions(url: try RedisURL("rediss://:hunter2@localhost:\(tap.port)"))
                options.connectTimeout = .seconds(20)
                change(&options, server)
                let notes = PushNotes()
                let link = try PushLink(options, logger: Logger(label: "push"), receiver: notes)
                try await body(link, notes, other, tap)
                await link.close()
            }
        }
    }

    /// Whether bytes are records of TLS from the first to the last one.
    private func isEncrypted(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while rest.count >= 5 {
            let head = Array(rest.prefix(5))
            guard (20...23).contains(head[0]), head[1] == 3 else { return false }
            rest = rest.dropFirst(5 + Int(head[3]) << 8 + Int(head[4]))
        }
        return rest.isEmpty
    }

    @Test func whatIsPublishedArrivesAndNothingTravelsInClear() async throws {
        try await with {
            $0.tls.authorityFile = $1.folder + "/ca.pem"
        } _: { link, notes, other, tap in
            try await link.subscribe(.channel("ticks"))
            try await link.subscribe(.pattern("agent.*"))
            for channel in ["ticks", "agent.7"] {
                let receivers = try await other.submit(RedisCommands("PUBLISH", channel, "tock")).reply()
                #expect(receivers.integer == 1)
            }
            try await eventually("both") { notes.lines.count == 4 }
            #expect(notes.lines == ["+ticks", "+agent.*", "ticks=tock", "agent.7=tock"])
            #expect(!tap.bytes.isEmpty && isEncrypted(tap.bytes))
        }
    }

    @Test func aServerOfAnUnknownAuthorityIsToldNothing() async throws {
        try await with { options, _ in
            options.connectTimeout = .seconds(1)
        } _: { link, notes, other, tap in
            let error = await #expect(throws: RedisError.self) { try await link.subscribe(.channel("ticks")) }
            #expect(error?.code == .tls, "\(String(describing: error))")
            #expect(!tap.bytes.isEmpty && isEncrypted(tap.bytes))
            let asked = try await other.submit(RedisCommands("INFO", "commandstats")).reply().string ?? ""
            let commands = asked.split(separator: "\r\n").dropFirst().map { $0.prefix { $0 != ":" } }
            #expect(commands == ["cmdstat_config|resetstat"])
            #expect(notes.lines.allSatisfy { $0 == "lost" })
            #expect(link.report.topics == 0 && link.report.gaps == 0)
        }
    }
}
