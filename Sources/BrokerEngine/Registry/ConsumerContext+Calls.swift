// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// What every loop does about a call that fails.
extension ConsumerContext {
    /// Takes note of a failed call and waits before it is repeated; cancellation does not shorten the wait of a flush.
    func pause(after error: BrokerError, in call: ProviderCall, _ backoff: inout CallBackoff) async {
        let pause = failed(call, error, &backoff)
        await wait(until: now + pause, on: runtime.clock, throughCancellation: call == .settle)
    }

    /// Takes note of a failed call; answers how long to wait before it is repeated.
    func failed(_ call: ProviderCall, _ error: BrokerError, _ backoff: inout CallBackoff) -> Duration {
        var generator = runtime.generator
        let pause = backoff.fail(using: &generator)
        observers.tell(.callFailed(identity, call: call, error: error, consecutive: backoff.failures))
        health.withLock { $0.fail(call, error, now: now) }
        return pause
    }

    private func wait(until instant: Instant, on clock: some BrokerClock, throughCancellation: Bool) async {
        if throughCancellation {
            await clock.sleepThroughCancellation(until: instant)
        } else {
            await clock.sleep(until: instant)
        }
    }

    /// Takes note that a call works again.
    func recovered(_ call: ProviderCall) {
        health.withLock { $0.recover(call, now: now) }
        observers.tell(.callRecovered(identity, call: call))
    }
}

/// Which calls of a consumer fail, and since when: a pure value.
struct ConsumerHealth: Sendable {
    private(set) var failing: [ProviderCall: (error: BrokerError, since: Instant)] = [:]

    mutating func fail(_ call: ProviderCall, _ error: BrokerError, now: Instant) {
        failing[call] = (error, failing[call]?.since ?? now)
    }

    mutating func recover(_ call: ProviderCall, now: Instant) {
        failing[call] = nil
    }
}
