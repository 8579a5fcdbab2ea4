// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where time enters: the only source of "now" and the only way to wait for later.
///
/// The engine's own clock runs on a thread of its own; the test kit's is moved by hand. Every part that needs time
/// takes a clock, so that a test of twenty minutes takes microseconds. Implementations are called from any thread.
public protocol BrokerClock: Sendable {
    /// The monotonic time; never goes back.
    var now: Instant { get }

    /// The wall-clock time, for ids and texts; may jump.
    var timestamp: Timestamp { get }

    /// Raises `signal` once `instant` has come, at once when it has come already.
    ///
    /// The signal is raised at most once for each call and never while the clock holds a lock of its own.
    /// ``Instant/distantFuture`` never comes and need not be remembered.
    func schedule(_ signal: WakeSignal, at instant: Instant) -> ScheduledWake

    /// Forgets a wake that is no longer needed; does nothing when it has happened.
    func cancel(_ wake: ScheduledWake)
}

/// The ticket of one scheduled wake, by which it can be cancelled.
public struct ScheduledWake: Sendable, Hashable {
    /// A number that the clock gave, unique for the clock.
    public let number: UInt64

    /// Makes a ticket; only clocks do.
    public init(number: UInt64) {
        self.number = number
    }
}

extension BrokerClock {
    /// Waits until `instant` has come or the task is cancelled, whichever is first.
    public func sleep(until instant: Instant) async {
        let signal = WakeSignal()
        while now < instant, !Task.isCancelled {
            await signal.waitUnlessCancelled(until: instant, on: self)
        }
    }
}
