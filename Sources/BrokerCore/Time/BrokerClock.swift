// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The source of time: the only way to read it and to wait for a later time.
///
/// The engine's clock has a thread of its own, and tests move the clock of the test kit by hand. Every part that needs
/// time takes a clock, so that a test of twenty minutes takes microseconds. Any thread may call a clock.
public protocol BrokerClock: Sendable {
    /// The monotonic time. It never goes back.
    var now: Instant { get }

    /// The wall-clock time, for ids and texts. It may jump.
    var timestamp: Timestamp { get }

    /// Raises `signal` when `instant` has come; at once if it has come already.
    ///
    /// The clock raises the signal at most once for each call, and never while it holds a lock of its own.
    /// ``Instant/distantFuture`` never comes, so a clock need not store it.
    func schedule(_ signal: WakeSignal, at instant: Instant) -> ScheduledWake

    /// Cancels a wake. Does nothing if it has happened.
    func cancel(_ wake: ScheduledWake)
}

/// A scheduled wake, with which it can be cancelled.
public struct ScheduledWake: Sendable, Hashable {
    /// A number that is unique for its clock.
    public let number: UInt64

    /// Makes a scheduled wake. Only clocks do this.
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
