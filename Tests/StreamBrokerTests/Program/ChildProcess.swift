// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A program that a test started: what it prints, line by line, and how it ended. Every wait is bounded.
final class ChildProcess: Sendable {
    /// How a process ended.
    struct Exit: Equatable {
        /// The exit code, or 128 and the signal that killed it.
        var code: Int32
        /// Whether a signal killed it that it did not catch.
        var wasKilled: Bool
        /// When it was seen to have ended.
        var instant: Instant
    }

    struct Timeout: Error {
        let awaited: String
        let printed: [String]
        let complaints: [String]
    }

    private struct State {
        var lines: [String] = []
        var complaints: [String] = []
        var openPipes = 2
        var exit: Exit?
        var waiters: [WakeSignal] = []
    }

    private let process = Process()
    private let state = Mutex(State())
    private let clock = EngineThread.shared

    /// Starts an executable of this package.
    ///
    /// - Parameters:
    ///   - program: Its name.
    ///   - arguments: What it is told.
    ///   - environment: Variables beside those of the test.
    ///   - shell: A command line in which `"$0" "$@"` stands for the program; without one it is started directly.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:], shell: String? = nil) throws {
        let path = Self.folder.appendingPathComponent(program).path
        process.executableURL = URL(fileURLWithPath: shell == nil ? path : "/bin/sh")
        process.arguments = shell.map { ["-c", $0, path] + arguments } ?? arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.terminationHandler = { [weak self] process in self?.hasEnded(process) }
        try process.run()
        read(output) { $0.lines.append($1) }
        read(errors) { $0.complaints.append($1) }
    }

    /// Starts an example on memory, as `make demo` does: without an environment it would look for a server.
    convenience init(
        example: String, _ arguments: [String], environment: [String: String] = [:], shell: String? = nil
    ) throws {
        let chosen = ["STREAMBROKER_ENV": "development"].merging(environment) { _, new in new }
        try self.init(example, arguments, environment: chosen, shell: shell)
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Where the executables lie: beside the bundle of the tests.
    private static var folder: URL {
        let paths = CommandLine.arguments.filter { $0.contains(".xctest") }
        let bundle = URL(fileURLWithPath: paths.first ?? CommandLine.arguments[0])
        let parts = bundle.pathComponents
        let end = parts.firstIndex { $0.hasSuffix(".xctest") } ?? parts.count - 1
        return parts[1..<end].reduce(URL(fileURLWithPath: "/")) { $0.appendingPathComponent($1) }
    }

    var pid: Int32 { process.processIdentifier }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// What it has printed on stdout and stderr.
    var lines: [String] { state.withLock { $0.lines } }
    var complaints: [String] { state.withLock { $0.complaints } }

    /// Waits for a line of stdout.
    @discardableResult
    func line(_ awaited: String, times: Int = 1, within limit: Duration = .seconds(30)) async throws -> String {
        try await wait(for: "\(times) × \(awaited)", within: limit) { state in
            let found = state.lines.filter { $0.hasPrefix(awaited) }
            return found.count >= times ? found.last : nil
        }
    }

    /// Waits for a line of stdout that is what is meant.
    @discardableResult
    func line(
        _ what: String, within limit: Duration = .seconds(30), isAwaited: @Sendable (String) -> Bool
    ) async throws -> String {
        try await wait(for: what, within: limit) { $0.lines.first(where: isAwaited) }
    }

    /// Waits for a line of stderr.
    @discardableResult
    func complaint(where isAwaited: @Sendable (String) -> Bool) async throws -> String {
        try await wait(for: "a complaint", within: .seconds(30)) { $0.complaints.first(where: isAwaited) }
    }

    /// Waits for its end, and until all it has printed is read.
    func exit(within limit: Duration = .seconds(30)) async throws -> Exit {
        try await wait(for: "the end", within: limit) { $0.openPipes == 0 ? $0.exit : nil }
    }

    private func wait<Answer>(
        for awaited: String, within limit: Duration, look: (State) -> Answer?
    ) async throws -> Answer {
        let end = clock.now + limit
        while true {
            let signal = WakeSignal()
            let answer = state.withLock { state in
                state.waiters.append(signal)
                return look(state)
            }
            if let answer { return answer }
            guard clock.now < end else { throw Timeout(awaited: awaited, printed: lines, complaints: complaints) }
            await signal.wait(until: end, on: clock)
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.raise() }
    }

    private func hasEnded(_ process: Process) {
        let wasKilled = process.terminationReason == .uncaughtSignal
        let code = process.terminationStatus + (wasKilled ? 128 : 0)
        let now = clock.now
        change { $0.exit = Exit(code: code, wasKilled: wasKilled, instant: now) }
    }

    /// Reads on a thread of its own, since reading blocks it.
    private func read(_ pipe: Pipe, _ add: @escaping @Sendable (inout State, String) -> Void) {
        let descriptor = dup(pipe.fileHandleForReading.fileDescriptor)
        Thread.detachNewThread { [self] in
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            var rest: [UInt8] = []
            while case let data = handle.availableData, !data.isEmpty {
                rest += data
                let parts = rest.split(separator: 0x0A, omittingEmptySubsequences: false)
                rest = Array(parts.last ?? [])
                change { state in for part in parts.dropLast() { add(&state, String(decoding: part, as: UTF8.self)) } }
            }
            let last = rest
            change { state in
                if !last.isEmpty { add(&state, String(decoding: last, as: UTF8.self)) }
                state.openPipes -= 1
            }
        }
    }
}
