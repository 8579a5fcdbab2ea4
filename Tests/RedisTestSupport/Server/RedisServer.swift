// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import NIOCore
import NIOPosix
package import RedisWire
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A real redis-server on a free port, which ends with the test, and with the test program whatever becomes of that.
package final class RedisServer: Sendable {
    /// A folder of its own, for its socket, its certificates and its log.
    package let folder: String
    /// Where it listens; the socket is `redis.sock` in its folder.
    package let port: Int
    private let arguments: [String]
    private let environment: [String: String]
    private let process = Mutex<RunningServer?>(nil)

    private init(folder: String, port: Int, arguments: [String], environment: [String: String]) {
        self.folder = folder
        self.port = port
        self.arguments = arguments
        self.environment = environment
    }

    /// Runs `body` with a server. `arguments` gets the port and the folder, into which it may put files.
    package static func with<Result>(
        arguments: (_ port: Int, _ folder: String) async throws -> [String] = { port, _ in ["--port", "\(port)"] },
        _ body: (RedisServer) async throws -> Result
    ) async throws -> Result {
        try await withFolder { folder in
            let server = try await started(folder) { try await arguments($0, folder) }
            return try await server.run { try await body(server) }
        }
    }

    /// Runs `body` with a server whose clock can be set.
    package static func withClock<Result>(
        _ body: (RedisServer, ServerClock) async throws -> Result
    ) async throws -> Result {
        try await withFolder { folder in
            let clock = try await ServerClock(folder: folder)
            let server = try await started(folder, environment: clock.environment) { ["--port", "\($0)"] }
            return try await server.run { try await body(server, clock) }
        }
    }

    /// Starts a server; on another port if somebody was quicker to take the first one.
    private static func started(
        _ folder: String, environment: [String: String] = [:], arguments: (Int) async throws -> [String]
    ) async throws -> RedisServer {
        for _ in 0..<5 {
            let port = try await freePort()
            let server = RedisServer(
                folder: folder, port: port, arguments: try await arguments(port), environment: environment)
            do {
                try await server.start()
                return server
            } catch is PortTaken {
                await server.kill()
            }
        }
        throw RigFailure("redis-server found every port taken; see \(folder)/log")
    }

    private struct PortTaken: Error {}

    /// Runs `body`, then ends the server.
    private func run<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            let result = try await body()
            await kill()
            return result
        } catch {
            await kill()
            throw error
        }
    }

    private static func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = NSTemporaryDirectory() + "wire-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }

    /// The URL of its socket: no password, no encryption.
    package var socketURL: String { "unix://\(folder)/redis.sock" }
    /// Its URL by host and port.
    package var url: String { "redis://127.0.0.1:\(port)" }

    /// Starts the server, again after it was killed, and waits until it answers.
    package func start() async throws {
        let started = try RunningServer(arguments: arguments, folder: folder, environment: environment)
        process.withLock { $0 = started }
        let probe = try link(socketURL)
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            do throws(RedisError) {
                _ = try await probe.connection()
                return
            } catch {
                // One that asks for a password listens, too.
                if error.serverError?.reaction == .alarm { return }
            }
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
            if log.contains("Address already in use") { throw PortTaken() }
        }
        throw RigFailure("redis-server did not start within 30 seconds; see \(folder)/log")
    }

    /// Ends the server at once, and returns when it is gone.
    package func kill() async {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        await running?.end()
    }

    /// Sends the server's process a signal.
    package func signal(_ signal: Int32) throws {
        let text = try String(contentsOfFile: folder + "/pid", encoding: .utf8)
        guard let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else { return }
        _ = sendSignal(process, signal)
    }

    /// A link with short pauses between attempts.
    package func link(_ url: String? = nil, _ change: (inout RedisOptions) -> Void = { _ in }) throws -> RedisLink {
        try testLink(url ?? self.url, change)
    }

    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        defer { channel.close(promise: nil) }
        return channel.localAddress?.port ?? 0
    }
}

/// The process: a shell that keeps the server for as long as its standard input is open.
final class RunningServer: Sendable {
    private let process = Process()
    private let lifeline = Pipe()
    private let hasEnded = Ending()

    init(arguments: [String], folder: String, environment: [String: String]) throws {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = #"redis-server "$@" >"$0/log" 2>&1 & cat >/dev/null; kill -9 $!; wait"#
        let common = [
            "--bind", "127.0.0.1", "--unixsocket", folder + "/redis.sock", "--pidfile", folder + "/pid", "--dir",
            folder,
            "--save", "", "--appendonly", "no",
        ]
        process.arguments = ["-c", script, folder] + arguments + common
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = lifeline
        process.terminationHandler = { [hasEnded] _ in hasEnded.finish() }
        try process.run()
    }

    func end() async {
        try? lifeline.fileHandleForWriting.close()
        await hasEnded.wait()
    }
}

/// `kill(2)`, whose name the server's own method hides.
private func sendSignal(_ process: Int32, _ signal: Int32) -> Int32 {
    kill(process, signal)
}

/// A link with short pauses between attempts.
package func testLink(_ url: String, _ change: (inout RedisOptions) -> Void = { _ in }) throws -> RedisLink {
    var options = RedisOptions(url: try RedisURL(url))
    options.connectTimeout = .seconds(10)
    change(&options)
    var backoff = Backoff()
    backoff.maximum = .milliseconds(50)
    return try RedisLink(options, backoff: backoff, logger: Logger(label: "wire.tests"))
}
