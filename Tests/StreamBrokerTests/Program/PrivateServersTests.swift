// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// `make cluster` and `make sentinel`, as a person sees them.
    @Suite struct PrivateServersTests {
        @Test(arguments: [
            ("cluster", "redis+cluster://127.0.0.1:PORT,127.0.0.1:PORT,127.0.0.1:PORT"),
            ("sentinel", "redis+sentinel://127.0.0.1:PORT,127.0.0.1:PORT,127.0.0.1:PORT/main"),
        ])
        func printTheirURLAloneOffATerminal(what: String, url: String) async throws {
            try await withFolder { folder in
                let child = try start(what, in: folder)
                let line = try await child.line("redis+")
                #expect(withoutPorts(line) == url)
                #expect(child.complaints == [])
                for port in ports(of: line) { #expect(try await ping(port) == .text("PONG")) }
                child.send(SIGTERM)
                #expect(try await child.exit().code == 143)
                #expect(child.lines == [line])
                #expect(child.complaints == [])
                try await isGone(folder, ports(of: line))
            }
        }

        /// A cluster serves every slot at once, and Sentinels name the primary.
        @Test func workAtOnce() async throws {
            try await withFolder { folder in
                let cluster = try start("cluster", in: folder)
                let port = try #require(ports(of: try await cluster.line("redis+")).first)
                let info = try await PlainConnection.with(.port(port)) { try await $0.command("CLUSTER", "INFO") }
                #expect(info.string?.contains("cluster_slots_ok:16384") == true)
                #expect(info.string?.contains("cluster_known_nodes:6") == true)
                cluster.send(SIGINT)
                #expect(try await cluster.exit().code == 130)
                let sentinels = try start("sentinel", in: folder)
                for port in ports(of: try await sentinels.line("redis+")) {
                    let facts = try await PlainConnection.with(.port(port)) {
                        try await $0.command("SENTINEL", "MASTER", "main").fields
                    }
                    #expect(facts["flags"] == .text("master"))
                    #expect(facts["num-slaves"] == .text("1"))
                    #expect(facts["num-other-sentinels"] == .text("2"))
                }
                sentinels.send(SIGKILL)
                _ = try await sentinels.exit()
                try await isGone(folder, [port])
            }
        }

        @Test func takeNothingElse() async throws {
            try await withFolder { folder in
                let child = try start("ring", in: folder)
                #expect(try await child.exit().code == 69)
                #expect(child.complaints == ["error: expected 'cluster' or 'sentinel', found 'ring'"])
                let other = try start(
                    "cluster", in: folder, environment: ["STREAMBROKER_TEST_SERVER": "/nowhere/redis"])
                #expect(try await other.exit().code == 69)
                #expect(other.complaints == ["error: there is no /nowhere/redis; 'make deps' installs redis-server"])
            }
        }

        #if os(Linux)
            @Test func sayOnATerminalWhatToDoAndEndWithControlC() async throws {
                try await withFolder { folder in
                    let keyboard = folder + "/keyboard"
                    let shell = Self.heedful + #"mkfifo "$1" && exec script -qefc "$2" /dev/null <"$1""#
                    let child = try ChildProcess(
                        "", [keyboard, Repository.path("Scripts/servers") + " cluster"],
                        environment: ["TMPDIR": folder], shell: shell)
                    try await eventually("a keyboard") { FileManager.default.fileExists(atPath: keyboard) }
                    let keys = try #require(FileHandle(forWritingAtPath: keyboard))
                    try await child.line("Ctrl-C stops")
                    let url = try #require(child.lines.first { $0.hasPrefix("redis+") }).filter { $0 != "\r" }
                    try keys.write(contentsOf: Data([3]))
                    #expect(try await child.exit().code == 130)
                    try keys.close()
                    #expect(
                        child.lines.map { withoutPorts($0.filter { $0 != "\r" && $0 != "\r\n" }) }.prefix(8) == [
                            "starting three primaries and three replicas",
                            withoutPorts(url),
                            "",
                            "run an example on it:  REDIS_URL=\(withoutPorts(url)) make demo",
                            "look at it:            redis-cli -p PORT cluster nodes",
                            "let another take over: redis-cli -p PORT cluster failover",
                            "",
                            "Ctrl-C stops it and removes it.",
                        ])
                    try FileManager.default.removeItem(atPath: keyboard)
                    try await isGone(folder, ports(of: url))
                }
            }
        #endif

        /// A process of this one may begin with signals blocked; a shell lets them through again once it has waited for a
        /// program.
        private static let heedful = "env true; "

        private func start(
            _ what: String, in folder: String, environment: [String: String] = [:]
        ) throws -> ChildProcess {
            try ChildProcess(
                "", [Repository.path("Scripts/servers"), what],
                environment: ["TMPDIR": folder].merging(environment) { $1 }, shell: Self.heedful + #"exec "$1" "$2""#)
        }

        private func withFolder(_ body: (String) async throws -> Void) async throws {
            let folder = NSTemporaryDirectory() + "private-" + UUID().uuidString.prefix(8)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await body(folder)
        }

        private func withoutPorts(_ text: String) -> String {
            text.replacingOccurrences(of: "[0-9]{5}", with: "PORT", options: .regularExpression)
        }

        private func ports(of url: String) -> [Int] {
            url.split { !$0.isNumber }.compactMap { Int($0) }.filter { $0 > 9999 }
        }

        private func ping(_ port: Int) async throws -> PlainReply {
            try await PlainConnection.with(.port(port)) { try await $0.command("PING") }
        }

        /// Waits until nothing is left in a folder and nobody listens.
        private func isGone(_ folder: String, _ ports: [Int]) async throws {
            try await eventually("an empty folder") {
                try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty
            }
            for port in ports { await #expect(throws: (any Error).self) { try await ping(port) } }
        }
    }
}
