// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
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
    /// The user and the password by which the rig itself connects; none for the default user without a password.
    let credentials: [String]
    private let arguments: [String]
    private let environment: [String: String]
    private let process = Mutex<RunningServer?>(nil)

    private init(
        folder: String, port: Int, credentials: [String], arguments: [String], environment: [String: String]
    ) {
        self.folder = folder
        self.port = port
        self.credentials = credentials
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

    /// Starts a server in a folder of its own, which ``discard()`` ends, or the end of the test program.
    static func launch(
        credentials: [String] = [], arguments: (_ port: Int, _ folder: String) async throws -> [String]
    ) async throws -> RedisServer {
        let folder = try makeFolder()
        do {
            return try await started(folder, credentials: credentials) { try await arguments($0, folder) }
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
    }

    /// Ends the server and removes its folder.
    func discard() async {
        await kill()
        try? FileManager.default.removeItem(atPath: folder)
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
        _ folder: String, credentials: [String] = [], environment: [String: String] = [:],
        arguments: (Int) async throws -> [String]
    ) async throws -> RedisServer {
        for _ in 0..<5 {
            let port = try await FreePorts.take(1)[0]
            let server = RedisServer(
                folder: folder, port: port, credentials: credentials, arguments: try await arguments(port),
                environment: environment)
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
        let folder = try makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }

    private static func makeFolder() throws -> String {
        let folder = NSTemporaryDirectory() + "wire-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    /// The URL of its socket: no password, no encryption.
    package var socketURL: String { "unix://\(folder)/redis.sock" }
    /// Its URL by host and port.
    package var url: String { "redis://\(userInfo)127.0.0.1:\(port)" }
    /// What stands before the host in a URL: the credentials.
    var userInfo: String {
        switch credentials.count {
        case 0: ""
        case 1: ":\(credentials[0])@"
        default: "\(credentials[0]):\(credentials[1])@"
        }
    }

    /// Starts the server, again after it was killed, and waits until it answers.
    package func start() async throws {
        let started = try RunningServer(arguments: arguments, folder: folder, environment: environment)
        process.withLock { $0 = started }
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            // One that asks for a password listens, too.
            let answer = try? await PlainConnection.with(.socket(socket)) { try await $0.command("PING") }
            if let answer, answer.errorText?.hasPrefix("LOADING") != true { return }
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
            if log.contains("Address already in use") { throw PortTaken() }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw RigFailure("redis-server did not start within 30 seconds; see \(folder)/log")
    }

    /// The path of its socket.
    var socket: String { folder + "/redis.sock" }

    /// Whether it was started and not killed; one that is frozen runs.
    package var isRunning: Bool { process.withLock { $0 != nil } }

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
