// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// Writers that append numbers to streams, one batch of each stream at a time, and a ledger of what they were told.
final class ClusterLoad: Sendable {
    struct State {
        var acknowledged: [String: [Int]] = [:]
        /// Numbers whose fate is not known.
        var unknown: [String: Set<Int>] = [:]
        /// Calls that ended with an error which says that nothing happened.
        var refusals: [String] = []
        var durations: [Duration] = []
        var longest: [String: Duration] = [:]
        var isStopped = false
    }

    private let state = Mutex(State())
    private let connection: RedisConnection
    private let timeout: Duration
    let streams: [String]

    init(_ streams: [String], _ connection: RedisConnection, timeout: Duration = .seconds(10)) {
        self.streams = streams
        self.connection = connection
        self.timeout = timeout
    }

    var report: State { state.withLock { $0 } }

    /// How many numbers were acknowledged.
    var count: Int { report.acknowledged.values.reduce(0) { $0 + $1.count } }

    /// The longest call of the streams so far; begins anew.
    func takeLongest(of streams: [String]) -> Duration {
        state.withLock { state in
            defer { for stream in streams { state.longest[stream] = nil } }
            return streams.compactMap { state.longest[$0] }.max() ?? .zero
        }
    }

    /// Waits until each of the streams has some more numbers.
    func goesOn(_ more: Int = 50, of streams: [String]? = nil) async throws {
        let streams = streams ?? self.streams
        let before = report.acknowledged
        try await eventually("\(more) numbers more of each stream") {
            let now = self.report.acknowledged
            return streams.allSatisfy { now[$0, default: []].count >= before[$0, default: []].count + more }
        }
    }

    /// Writes while `body` runs.
    func run(_ body: @escaping @Sendable (ClusterLoad) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for stream in streams { group.addTask { await self.write(to: stream) } }
            group.addTask {
                defer { self.state.withLock { $0.isStopped = true } }
                try await body(self)
            }
            try await group.waitForAll()
        }
    }

    private func write(to stream: String) async {
        var next = 0
        while !state.withLock({ $0.isStopped }) {
            let numbers = next..<next + 8
            let start = ContinuousClock.now
            let stored = await append(numbers, to: stream)
            let time = ContinuousClock.now - start
            state.withLock { state in
                state.durations.append(time)
                state.longest[stream] = max(state.longest[stream] ?? .zero, time)
            }
            if stored { next = numbers.upperBound }
        }
    }

    /// Returns false if nothing was stored; then the numbers are appended again.
    private func append(_ numbers: Range<Int>, to stream: String) async -> Bool {
        var commands = RedisCommands()
        commands.keepsOrder = true
        for number in numbers { commands.add("XADD", [stream, "*", "n", "\(number)"], for: .key(stream)) }
        do throws(RedisError) {
            let replies = try await connection.submit(commands, timeout: timeout).replies()
            let errors = replies.compactMap(\.error)
            if let error = errors.first {
                note(RedisError(error), numbers, stream)
                return RedisError(error).effect == .unknown
            }
            state.withLock { $0.acknowledged[stream, default: []] += numbers }
            return true
        } catch {
            note(error, numbers, stream)
            return error.effect == .unknown
        }
    }

    private func note(_ error: RedisError, _ numbers: Range<Int>, _ stream: String) {
        state.withLock { state in
            if error.effect == .unknown {
                state.unknown[stream, default: []].formUnion(numbers)
            } else {
                state.refusals.append("\(stream): \(error)")
            }
        }
    }

    /// Compares what is in the streams with what the writers were told: all of it, once, in order.
    ///
    /// - Parameter forgetful: Streams whose server may forget what it has acknowledged.
    /// - Returns: how many numbers were forgotten.
    @discardableResult
    func audit(forgetful: [String] = []) async throws -> Int {
        var forgotten = 0
        for stream in streams {
            let entries = try await connection.send(
                RedisCommands("XRANGE", stream, "-", "+", for: .key(stream)))
            let stored = try #require(entries[0]).elements.map { $0.elements[1]?.elements[1]?.integer ?? -1 }
            let (acknowledged, unknown) = (report.acknowledged[stream] ?? [], report.unknown[stream] ?? [])
            #expect(stored == stored.sorted(), "the order of \(stream)")
            #expect(Set(stored).count == stored.count, "doubles in \(stream)")
            let lost = Set(acknowledged).subtracting(stored)
            if forgetful.contains(stream) {
                forgotten += lost.count
            } else {
                #expect(lost.isEmpty, "numbers lost in \(stream)")
            }
            #expect(Set(stored).subtracting(acknowledged).isSubset(of: unknown), "numbers of nobody in \(stream)")
        }
        return forgotten
    }

    /// The duration that a share of the calls did not exceed.
    func percentile(_ share: Double) -> Duration {
        let sorted = report.durations.sorted()
        return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
