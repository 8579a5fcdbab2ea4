// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// What a program says when it begins and when it ends, as a person reads it.
    @Suite struct StartTests {
        @Test func aProgramSaysWhatItDoesFromItsStartToItsEnd() async throws {
            let program = try SpokenProgram(.slow, "provider: memory")
            try await program.child.line("begin", times: 2)
            #expect(try await program.end(by: SIGINT) == 0)
            let end = try #require(program.log.last)
            #expect(
                program.log == [
                    "info: Broker 'events' uses memory",
                    "info: Consuming 'work' as 'workers': concurrency 2; a new group begins with the earliest message",
                    "info: Shutting down: 2 handlers run, each may go on for 15 s; "
                        + "a second Ctrl-C or SIGTERM ends the program at once",
                    end,
                ])
            #expect(end.hasPrefix("info: Shut down after "))
            #expect(end.hasSuffix(": 18 messages were handed back"))
        }

        @Test func whatMayNotBeMeantSoIsToldAtTheStart() async throws {
            let program = try SpokenProgram(
                .idle, "provider: memory",
                more:
                    "environments: { production: { brokers: { events: { provider: redis-streams, url: 'redis://h' } } } }",
                environment: ["STREAMBROKER_ENV": ""])
            try await program.child.line("info: Consuming")
            #expect(
                program.log.filter { $0.hasPrefix("warning: ") } == [
                    "warning: No environment is chosen, so the base of the file holds, and it declares 'production'; "
                        + "set STREAMBROKER_ENV, or pass 'environment:'",
                    "warning: Broker 'events' is in memory and loses its messages with this process; in the environment "
                        + "'production' it is redis-streams: set STREAMBROKER_ENV, or pass 'environment:'",
                ])
            #expect(try await program.end(by: SIGTERM) == 0)
        }

        /// An operator sees which process a connection and a consumer belong to.
        @Test func theServerShowsWhoseConnectionsAndConsumersTheseAre() async throws {
            try await RedisServer.with { server in
                let program = try SpokenProgram(
                    .idle, "provider: redis-streams, url: 'redis://127.0.0.1:\(server.port)'")
                try await program.child.line("info: Consuming")
                try await server.publish(["1"], to: "work")
                try await program.child.line("begin 1")
                let clients = try await eventually("the consumer reads") {
                    let list = try await server.command("CLIENT", "LIST").string ?? ""
                    return list.contains("cmd=xreadgroup") ? list : nil
                }
                let names = clients.split(separator: " ").filter { $0.hasPrefix("name=streambroker:") }.map {
                    $0.dropFirst(5)
                }
                #expect(Set(names) == ["streambroker:events", "streambroker:events:workers"])
                let consumers = try await server.command("XINFO", "CONSUMERS", "work", "workers")
                let name = try #require(consumers.elements[0]?.elements[1]?.string)
                let shape = try Regex("^[A-Za-z0-9.-]+-\(program.child.pid)-[0-9a-z]{6}@30000$")
                #expect(name.wholeMatch(of: shape) != nil, "\(name)")
                #expect(try await program.end(by: SIGTERM) == 0)
            }
        }

        @Test func aRegistryThatIsDroppedAndHasNeverRunSaysSo() throws {
            let seen = Seen<String>()
            let logger = Logger(label: "seen") { _ in SeenLog(seen: seen) }
            let configuration = BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: "memory")],
                streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing")])])
            var registry: BrokerRegistry? = try BrokerRegistry(configuration, logger: logger)
            registry?.handle("orders", group: "billing") { _ in }
            #expect(seen.all == [])
            registry = nil
            #expect(
                seen.all == [
                    "warning: A registry with 1 handler was dropped and has never run, so nothing was consumed; "
                        + "call run(), or put it in a ServiceGroup"
                ])
            registry = try BrokerRegistry(configuration, logger: logger)
            registry = nil
            #expect(seen.all.count == 1, "one that only publishes need not run")
        }
    }
}

/// Keeps what is logged: `LEVEL: MESSAGE`.
struct SeenLog: LogHandler {
    let seen: Seen<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(seen: Seen<String>) {
        self.seen = seen
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        seen.add("\(event.level): \(event.message)")
    }
}
