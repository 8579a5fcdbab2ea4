// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the numbers were measured on: without it they say nothing.
struct Machine: Codable, Sendable {
    var processor: String
    var cores: Int
    var system: String
    var swift: String
    var isOptimised: Bool
    /// How many processes wanted to run when the measurement began; more than one means that the machine was shared.
    /// `nil` when nobody knows.
    var load: Double?

    static var current: Machine {
        var load = [0.0]
        let isKnown = getloadavg(&load, 1) == 1
        return Machine(
            processor: value(of: "model name", in: "/proc/cpuinfo", after: ":") ?? "unknown processor",
            cores: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            system: value(of: "PRETTY_NAME", in: "/etc/os-release", after: "=") ?? "unknown system",
            swift: swiftVersion, isOptimised: isOptimisedBuild, load: isKnown ? load[0] : nil)
    }

    /// How long this process has used processors.
    static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// How long another process has used processors; `nil` where the system does not tell.
    static func processorTime(of process: Int32) -> Duration? {
        #if os(Linux)
            var clock = clockid_t()
            var time = timespec()
            guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        #else
            return nil
        #endif
    }

    /// The most memory that this process has had at once, in bytes, with what it shares with other processes;
    /// `nil` when nobody knows.
    static var peakMemory: Int? {
        #if canImport(Darwin)
            var usage = rusage()
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #else
            // In `getrusage`, a process has what the one that started it had.
            let kilobytes = value(of: "VmHWM", in: "/proc/self/status", after: "\t")
            return kilobytes.flatMap { Int($0.prefix { $0.isNumber }) }.map { $0 * 1024 }
        #endif
    }

    /// The same, with the programs that it started and that have ended.
    static var processorTimeWithChildren: Duration {
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        #else
            getrusage(RUSAGE_CHILDREN, &usage)
        #endif
        return [usage.ru_utime, usage.ru_stime].reduce(processorTime) { sum, time in
            sum + .seconds(time.tv_sec) + .microseconds(time.tv_usec)
        }
    }

    var description: String { "\(name), load \(loadText)" }

    var loadText: String { load?.text(decimals: 1) ?? "unknown" }

    /// The machine and how the program was built for it, which stay the same from run to run.
    var name: String {
        "\(processor), \(cores) cores, \(system), Swift \(swift), \(isOptimised ? "release" : "DEBUG")"
    }

    private static func value(of key: String, in path: String, after separator: Character) -> String? {
        guard let line = TextFile.lines(of: path)?.first(where: { $0.hasPrefix(key) }),
            let end = line.firstIndex(of: separator)
        else { return nil }
        return String(line[line.index(after: end)...].drop { $0 == " " }).filter { $0 != "\"" }
    }

    private static var isOptimisedBuild: Bool {
        var isDebug = false
        assert(
            {
                isDebug = true; return true
            }())
        return !isDebug
    }

    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}
