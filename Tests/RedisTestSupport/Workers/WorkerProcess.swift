// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One `CrashWorker`, which ends with the test program whatever becomes of that: it reads a pipe that ends then.
final class WorkerProcess: Sendable {
    private let process = Process()
    private let lifeline = Pipe()
    private let hasEnded = Ending()

    init(
        _ program: String, _ arguments: [String], environment added: [String: String], complaints: String,
        whenDone: @escaping @Sendable (Int32, Int32) -> Void
    ) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment.merging(added) { $1 }
        environment["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = environment
        process.standardInput = lifeline
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: complaints) ?? FileHandle.nullDevice
        process.terminationHandler = { [hasEnded] in
            // As a shell tells it.
            whenDone($0.processIdentifier, $0.terminationStatus + ($0.terminationReason == .uncaughtSignal ? 128 : 0))
            hasEnded.finish()
        }
        try process.run()
    }

    var pid: Int32 { process.processIdentifier }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Kills the process and waits until it is gone.
    func end() async {
        send(SIGKILL)
        await hasEnded.wait()
    }

    /// How much processor time it has used, in milliseconds; 0 when the system does not tell or it is gone.
    var processorTime: Int {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return 0 }
        // The name of the program stands in parentheses and may hold anything.
        let facts = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        guard facts.count > 13, let user = Int(facts[12]), let system = Int(facts[13]) else { return 0 }
        return (user + system) * 1000 / max(1, sysconf(Int32(_SC_CLK_TCK)))
    }

    /// How much memory it has in use, in bytes; 0 when the system does not tell or it is gone.
    var memory: Int {
        guard let facts = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8).split(separator: " ")
        else {
            return 0
        }
        return facts.count > 1 ? (Int(facts[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }
}
