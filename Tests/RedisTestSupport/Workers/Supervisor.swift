// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Keeps a number of workers alive, restarts those that die, and ends all of them with the test.
package final class Supervisor: Sendable {
    private struct State {
        var workers: [WorkerProcess] = []
        var isEnding = false
        var exits: [Int32: Int32] = [:]
    }

    /// What the workers wrote.
    package let ledger: WorkerLedger
    private let folder: String
    private let program: String
    private let role: [String]
    private let environment: [String: String]
    private let state = Mutex(State())

    private init(folder: String, role: [String], environment: [String: String]) {
        self.folder = folder
        self.role = role
        self.environment = environment
        program = Self.programs.appendingPathComponent("CrashWorker").path
        ledger = WorkerLedger(path: folder + "/ledger")
    }

    /// Runs `body` with workers that have joined their group.
    package static func with<Result>(
        _ count: Int, _ settings: WorkerSettings, _ body: (Supervisor) async throws -> Result
    ) async throws -> Result {
        let folder = NSTemporaryDirectory() + "crew-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let supervisor = Supervisor(folder: folder, role: settings.role, environment: settings.environment)
        for file in ["/ledger", "/complaints"] {
            _ = FileManager.default.createFile(atPath: folder + file, contents: nil)
        }
        try settings.text.write(toFile: folder + "/brokers.yaml", atomically: true, encoding: .utf8)
        do {
            for _ in 0..<count { try supervisor.start() }
            let result = try await body(supervisor)
            await supervisor.end()
            return result
        } catch {
            await supervisor.end()
            throw error
        }
    }

    /// Where the executables lie: beside the bundle of the tests.
    static var programs: URL {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
        let parts = URL(fileURLWithPath: bundle).pathComponents
        let end = parts.firstIndex { $0.hasSuffix(".xctest") } ?? parts.count - 1
        return parts[1..<end].reduce(URL(fileURLWithPath: "/")) { $0.appendingPathComponent($1) }
    }

    /// All lines of the ledger.
    package var lines: [LedgerLine] { ledger.lines }

    /// The processes that live now.
    package var pids: [Int32] { state.withLock { $0.workers.map(\.pid) } }

    /// How many workers have died.
    package var deaths: Int { state.withLock { $0.exits.count } }

    /// The exit codes of the workers that have died, by process; 128 and the signal's number for one that was killed.
    package var exits: [Int32: Int32] { state.withLock { $0.exits } }

    /// What the workers said on standard error.
    package var complaints: String { (try? String(contentsOfFile: folder + "/complaints", encoding: .utf8)) ?? "" }

    /// How much processor time the workers that live now have used, in milliseconds.
    package var processorTime: Int { state.withLock { $0.workers }.reduce(0) { $0 + $1.processorTime } }

    /// How much memory the workers that live now have in use, in bytes; 0 where the system does not tell.
    package var memory: Int { state.withLock { $0.workers }.reduce(0) { $0 + $1.memory } }

    /// Kills one of the workers at once, which one `choice` says.
    package func kill(_ choice: Int) {
        let workers = state.withLock { $0.workers }
        guard !workers.isEmpty else { return }
        let victim = workers[choice % workers.count]
        victim.send(SIGKILL)
        ledger.note("killed", of: victim.pid)
    }

    /// Sends one of the workers a signal, unless it has died.
    package func send(_ signal: Int32, to pid: Int32) {
        state.withLock { $0.workers }.first { $0.pid == pid }?.send(signal)
    }

    /// Sends every worker a signal.
    package func send(_ signal: Int32) {
        for worker in state.withLock({ $0.workers }) { worker.send(signal) }
    }

    /// Waits until the ledger says something.
    package func wait(
        for what: String, within limit: Duration = .seconds(60), isSo: ([LedgerLine]) throws -> Bool
    ) async throws {
        do {
            try await eventually(what, within: limit) { try isSo(lines) }
        } catch let failure as RigFailure {
            let last = lines.suffix(30).map(\.description).joined(separator: "\n")
            let codes = exits.values.sorted()
            throw RigFailure(
                "\(failure.description)\n\(lines.summary)\nexit codes \(codes)\n\(last)\n\(complaints)")
        }
    }

    private func start() throws {
        let worker = try WorkerProcess(
            program, [folder + "/brokers.yaml", ledger.path] + role, environment: environment,
            complaints: folder + "/complaints"
        ) { [weak self] pid, code in self?.hasDied(pid, code) }
        state.withLock { $0.workers.append(worker) }
    }

    private func hasDied(_ pid: Int32, _ code: Int32) {
        let isEnding = state.withLock { state in
            state.workers.removeAll { $0.pid == pid }
            if !state.isEnding { state.exits[pid] = code }
            return state.isEnding
        }
        guard !isEnding else { return }
        ledger.note("died", of: pid)
        try? start()
    }

    private func end() async {
        let workers = state.withLock { state in
            state.isEnding = true
            return state.workers
        }
        for worker in workers { await worker.end() }
    }
}
