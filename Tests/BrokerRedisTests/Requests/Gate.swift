// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Doors by name, at which handlers wait until the test opens them.
final class Gate: Sendable {
    private let signals = Mutex<[String: WakeSignal]>([:])

    func wait(for name: String) async {
        await signal(name).waitUnlessCancelled()
    }

    func open(_ name: String) {
        signal(name).raise()
    }

    private func signal(_ name: String) -> WakeSignal {
        signals.withLock { signals in
            let signal = signals[name] ?? WakeSignal()
            signals[name] = signal
            return signal
        }
    }
}
