// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// Time that passes only when no task is ready: a ``ManualClock`` and a ``VirtualExecutor`` that move together.
///
/// In ``run(limit:_:)`` a test is written as if time were real. Whenever every task waits, the clock jumps to the next
/// scheduled wake, so twenty minutes take microseconds and happen the same way in every run. Everything under test must
/// take its time from ``clock`` and run in tasks that the test starts. Virtual time does not wait for work on other
/// threads.
public final class VirtualTime: Sendable {
    /// The clock to hand to everything under test.
    public let clock: ManualClock
    /// The executor that runs the test.
    public let executor: VirtualExecutor

    /// Makes a virtual time. With a seed, the order of tasks that are ready at the same time is random.
    public init(clock: ManualClock = ManualClock(), seed: UInt64? = nil) {
        self.clock = clock
        executor = VirtualExecutor(seed: seed)
    }

    /// Lets `duration` pass, for tests that drive tasks from outside: it runs ready tasks and jumps to the next wake,
    /// in turn, until the time has passed.
    public func advance(by duration: Duration) {
        let target = clock.now + duration
        executor.runUntilIdle()
        while let next = clock.nextWake, next <= target {
            clock.advance(to: next)
            executor.runUntilIdle()
        }
        clock.advance(to: target)
        executor.runUntilIdle()
    }

    /// Waits until `duration` of virtual time has passed, or the task is cancelled; for use inside ``run(limit:_:)``.
    ///
    /// The shortest duration is a nanosecond. After it, everything has happened that can happen now.
    public func pass(_ duration: Duration) async {
        await clock.sleep(until: clock.now + max(duration, .nanoseconds(1)))
    }

    /// Runs `body`, and every task that it starts, on virtual time, and returns its result.
    ///
    /// - Parameters:
    ///   - limit: How much virtual time may pass; defaults to 30 days.
    ///   - body: The test.
    /// - Throws: The error of `body`, or ``VirtualTimeStalled`` if every task waits for something other than time, if
    ///   tasks keep each other busy for a million steps at one instant, or if `limit` has passed. `body` is cancelled
    ///   then.
    public func run<Value: Sendable>(
        limit: Duration = .seconds(30 * 86_400), _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let outcome = Mutex<Result<Value, any Error>?>(nil)
        let isFinished: @Sendable () -> Bool = { outcome.withLock { $0 != nil } }
        let work: @Sendable () async -> Void = {
            let result = await Self.result(of: body)
            outcome.withLock { $0 = result }
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executor) { await work() }
            let inTime = await drive(until: clock.now + limit, isFinished)
            if !inTime {
                group.cancelAll()
                let ended = await drive(until: clock.now + limit, isFinished)
                if !ended { fatalError("virtual time stands still: a task never ends and ignores cancellation") }
                throw VirtualTimeStalled(now: clock.now)
            }
            guard let result = outcome.withLock({ $0 }) else { throw VirtualTimeStalled(now: clock.now) }
            return try result.get()
        }
    }

    private static func result<Value: Sendable>(
        of body: @Sendable () async throws -> Value
    ) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    /// With this many steps at one instant, tasks wake each other without progress.
    private static let busyBound = 1_000_000

    /// Runs tasks and moves the clock. Returns true when the work is finished, and false when time cannot help any more
    /// or is over.
    private func drive(until limit: Instant, _ isFinished: @Sendable () -> Bool) async -> Bool {
        while true {
            let steps = executor.runUntilIdle(atMost: Self.busyBound)
            if isFinished() { return true }
            if steps == Self.busyBound { return false }
            if let next = clock.nextWake {
                guard next <= limit else { return false }
                clock.advance(to: next)
            } else if await !becomesReady() {
                return false
            }
        }
    }

    /// Gives work on another executor a moment of real time to come back.
    private func becomesReady() async -> Bool {
        for _ in 0..<200 where executor.isIdle {
            try? await ContinuousClock().sleep(for: .milliseconds(1))
        }
        return !executor.isIdle
    }
}

/// Every task waited, or all kept each other busy, and virtual time could not change that.
public struct VirtualTimeStalled: Error, CustomStringConvertible {
    /// Where the clock stood.
    public var now: Instant

    /// What happened, in a sentence.
    public var description: String {
        "virtual time stalled \(now.nanoseconds / 1_000_000_000) s after the clock's origin: "
            + "tasks wait for ever, for each other, or in real time (Task.sleep, other threads), which virtual time does not "
            + "see; wait with the clock of the test: 'await time.pass(.seconds(3))'"
    }
}
