// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Dispatch
import Synchronization

// The wall clock: neither the standard library nor Dispatch has one.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The engine's clock, and the thread on which leases are kept.
///
/// A serial Dispatch queue that overcommits, so it has a thread even while handlers block or spin on every thread of
/// Swift's pool: heartbeats and deadlines go on. Measured on two cores with two spinning handlers: on the pool 1
/// heartbeat of 20 survives, here 20 of 20. One a process.
public final class EngineThread: TaskExecutor, BrokerClock {
    /// The thread that every registry of the process uses unless it is given another clock.
    public static let shared = EngineThread()

    private static let mark = DispatchSpecificKey<Bool>()

    private let queue = DispatchQueue(label: "streambroker.engine", qos: .userInitiated)
    private let timers = Mutex(TimerHeap())

    init() {
        queue.setSpecific(key: Self.mark, value: true)
    }

    /// Whether the caller runs on the engine's thread, which nothing may block.
    static var isCurrent: Bool { DispatchQueue.getSpecific(key: mark) == true }

    /// The monotonic time of the system.
    public var now: Instant {
        Instant(nanoseconds: Int64(truncatingIfNeeded: DispatchTime.now().uptimeNanoseconds))
    }

    /// The wall-clock time of the system.
    public var timestamp: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Runs a job of a task that prefers this thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Raises `signal` once `instant` has come.
    ///
    /// - Returns: The wake, for ``cancel(_:)``.
    public func schedule(_ signal: WakeSignal, at instant: Instant) -> ScheduledWake {
        guard instant < .distantFuture else { return ScheduledWake(number: 0) }
        guard instant > now else {
            signal.raise()
            return ScheduledWake(number: 0)
        }
        let (wake, next) = timers.withLock { ($0.schedule(signal, at: instant), $0.arm()) }
        if let next { arm(next) }
        return wake
    }

    /// Forgets a wake.
    public func cancel(_ wake: ScheduledWake) {
        guard wake.number != 0 else { return }
        timers.withLock { $0.cancel(wake) }
    }

    private func arm(_ instant: Instant) {
        let deadline = DispatchTime(uptimeNanoseconds: UInt64(max(instant.nanoseconds, 1)))
        queue.asyncAfter(deadline: deadline, qos: .userInitiated) { self.fire(instant) }
    }

    private func fire(_ armed: Instant) {
        let now = now
        let (due, next) = timers.withLock { timers in
            timers.disarm(armed)
            return (timers.takeDue(now: now), timers.arm())
        }
        for signal in due { signal.raise() }
        if let next { arm(next) }
    }
}
