// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Which calls of one consumer fail: told to observers, repeated after a pause, and reported as its health.
final class CallMonitor: Sendable {
    private let identity: ConsumerIdentity
    private let runtime: EngineRuntime
    private let events: EventRelay
    private let health = Mutex(ConsumerHealth())

    init(identity: ConsumerIdentity, runtime: EngineRuntime, events: EventRelay) {
        self.identity = identity
        self.runtime = runtime
        self.events = events
    }

    /// The calls that fail now.
    var failing: [ProviderCall: (error: BrokerError, since: Instant, count: Int)] { health.withLock { $0.failing } }

    /// Takes note of a failed call and waits before it is repeated; cancellation ends the wait.
    func pause(after error: BrokerError, in call: ProviderCall, _ backoff: inout CallBackoff) async {
        let pause = failed(call, error, &backoff)
        await wait(until: runtime.clock.now + pause, on: runtime.clock)
    }

    private func wait(until instant: Instant, on clock: some BrokerClock) async {
        await clock.sleep(until: instant)
    }

    /// Takes note of a failed call; returns how long to wait before it is repeated.
    func failed(_ call: ProviderCall, _ error: BrokerError, _ backoff: inout CallBackoff) -> Duration {
        var generator = runtime.generator
        let pause = backoff.fail(using: &generator)
        failed(call, error, retryIn: pause)
        return pause
    }

    /// Takes note of a failed call that is repeated by itself.
    func failed(_ call: ProviderCall, _ error: BrokerError, retryIn pause: Duration) {
        let now = runtime.clock.now
        let consecutive = health.withLock { $0.fail(call, error, now: now) }
        tell(
            .callFailed(identity, call: call, error: error, consecutive: consecutive, retryIn: pause), of: call)
    }

    /// Takes note that a call works again.
    func recovered(_ call: ProviderCall) {
        guard health.withLock({ $0.recover(call) }) else { return }
        tell(.callRecovered(identity, call: call), of: call)
    }

    /// The lease keeper extends, and waits for no observer.
    private func tell(_ event: BrokerEvent, of call: ProviderCall) {
        if call == .extend { events.put(event) } else { events.tell(event) }
    }
}

/// Which calls of a consumer fail, and since when: a pure value.
struct ConsumerHealth: Sendable {
    private(set) var failing: [ProviderCall: (error: BrokerError, since: Instant, count: Int)] = [:]

    /// Takes note of a failure; returns how many there have been in a row.
    mutating func fail(_ call: ProviderCall, _ error: BrokerError, now: Instant) -> Int {
        let count = (failing[call]?.count ?? 0) + 1
        failing[call] = (error, failing[call]?.since ?? now, count)
        return count
    }

    /// Takes note of a success; returns whether the call had failed before.
    mutating func recover(_ call: ProviderCall) -> Bool {
        failing.removeValue(forKey: call) != nil
    }
}

/// The pause before a failed call is repeated: doubling, bounded, and with full jitter so that a fleet spreads out.
package struct CallBackoff: Sendable {
    /// How many calls have failed in a row.
    package private(set) var failures = 0

    package init() {}

    /// Takes note of a call that worked; returns whether the one before had failed.
    package mutating func succeed() -> Bool {
        defer { failures = 0 }
        return failures > 0
    }

    /// Takes note of a call that failed; returns how long to wait: 50 to 100 ms at first, 5 to 10 s at most.
    package mutating func fail(using generator: inout some RandomNumberGenerator) -> Duration {
        failures += 1
        let bound = min(10_000, 100 << min(failures - 1, 7))
        return .milliseconds(Int.random(in: (bound / 2)...bound, using: &generator))
    }
}
