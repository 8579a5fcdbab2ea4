// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// What every loop does about a call that fails.
extension ConsumerContext {
    /// Takes note of a failed call and waits before it is repeated; cancellation ends the wait.
    func pause(after error: BrokerError, in call: ProviderCall, _ backoff: inout CallBackoff) async {
        let pause = failed(call, error, &backoff)
        await wait(until: now + pause, on: runtime.clock)
    }

    /// Takes note of a failed call; returns how long to wait before it is repeated.
    func failed(_ call: ProviderCall, _ error: BrokerError, _ backoff: inout CallBackoff) -> Duration {
        var generator = runtime.generator
        failed(call, error)
        return backoff.fail(using: &generator)
    }

    /// Takes note of a failed call that is repeated in its own time.
    func failed(_ call: ProviderCall, _ error: BrokerError) {
        let now = now
        let consecutive = health.withLock { $0.fail(call, error, now: now) }
        tell(.callFailed(identity, call: call, error: error, consecutive: consecutive), of: call)
    }

    /// It is the lease keeper that extends, and that waits for no observer.
    private func tell(_ event: BrokerEvent, of call: ProviderCall) {
        if call == .extend { leaseEvents.put(event) } else { observers.tell(event) }
    }

    private func wait(until instant: Instant, on clock: some BrokerClock) async {
        await clock.sleep(until: instant)
    }

    /// Takes note that a call works again.
    func recovered(_ call: ProviderCall) {
        guard health.withLock({ $0.recover(call) }) else { return }
        tell(.callRecovered(identity, call: call), of: call)
    }
}
