// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A redis-server of the benchmarks' own: on a free port, without persistence, gone when this program is.
///
/// It is started by the first benchmark that asks for it.
final class RedisServer: Sendable {
    private struct Running {
        var shell: Process
        /// The server lives as long as this is open, whatever becomes of this program.
        var lifeline: Pipe
        var folder: String
        var port: Int
    }

    private let running = Mutex<Running?>(nil)

    /// Where it listens on 127.0.0.1.
    var port: Int {
        get throws { try started().port }
    }

    /// Removes everything that is stored.
    func empty() throws {
        let server = try started()
        guard try Self.answer(to: ["FLUSHALL"], in: server.folder) == "OK" else {
            throw Missing(message: "redis-server does not answer any more")
        }
    }

    /// How long the server has been busy.
    func processorTime() throws -> Duration {
        if let time = Machine.processorTime(of: try started().shell.processIdentifier) { return time }
        let times = try information("cpu")
        return .seconds(["used_cpu_sys", "used_cpu_user"].compactMap { times[$0].flatMap(Double.init) }.reduce(0, +))
    }

    /// What the server says of its version; `nil` when none was started.
    var version: String? {
        get throws {
            guard running.withLock({ $0 != nil }) else { return nil }
            return try information("server")["redis_version"]
        }
    }

    /// A section of what the server tells about itself.
    private func information(_ section: String) throws -> [String: String] {
        let answer = try Self.answer(to: ["INFO", section], in: try started().folder)
        let fields = answer.split(whereSeparator: \.isNewline).compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
        return Dictionary(fields) { first, _ in first }
    }

    /// Ends the server, if there is one.
    func stop() {
        running.withLock { running in
            if let server = running { Self.end(server) }
            running = nil
        }
    }

    private func started() throws -> Running {
        try running.withLock { running in
            if let running { return running }
            let server = try Self.start()
            running = server
            return server
        }
    }

    private static func start() throws -> Running {
        // A taken port ends the server at once; below 32768 no system gives ports away by itself.
        for _ in 0..<20 {
            let server = try launch(port: Int.random(in: 20_000..<32_768))
            for _ in 0..<500 where server.shell.isRunning {
                if try answer(to: ["PING"], in: server.folder) == "PONG" { return server }
            }
            end(server)
        }
        throw Missing(message: "redis-server could not be started; 'make deps' installs it")
    }

    private static func end(_ server: Running) {
        try? server.lifeline.fileHandleForWriting.close()
        server.shell.waitUntilExit()
    }

    private static func launch(port: Int) throws -> Running {
        let folder = NSTemporaryDirectory() + "bench-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // The shell becomes the server. It waits for nothing itself: this program's threads block SIGCHLD, its children
        // inherit that, and a shell's `wait` would never return. A command in the background has no standard input but
        // by another name.
        let script = """
            exec 3<&0
            { cat <&3 > /dev/null; kill -9 $$; rm -rf "$0"; } 2> /dev/null &
            exec redis-server "$@" > /dev/null 2>&1 3<&-
            """
        let (shell, lifeline) = (Process(), Pipe())
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = [
            "-c", script, folder, "--bind", "127.0.0.1", "--port", "\(port)", "--unixsocket", "\(folder)/socket",
            "--dir", folder, "--save", "", "--appendonly", "no",
        ]
        shell.standardInput = lifeline
        try shell.run()
        return Running(shell: shell, lifeline: lifeline, folder: folder, port: port)
    }

    /// What the server in a folder answers; its socket is nobody else's, other than a port.
    private static func answer(to command: [String], in folder: String) throws -> String {
        try Program.output(of: "/usr/bin/env", ["redis-cli", "-s", "\(folder)/socket"] + command, isQuiet: true)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
