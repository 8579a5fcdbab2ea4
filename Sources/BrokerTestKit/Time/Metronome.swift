// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Tells how late a machine is: what is due in ten milliseconds comes later when there is too much to do.
enum Metronome {
    private static let beat = Duration.milliseconds(10)

    /// Runs `body`; answers by how much the latest beat meanwhile was late.
    static func listen<Result: Sendable>(during body: () async -> Result) async -> (Result, delay: Duration) {
        await withTaskGroup(of: Duration.self) { group in
            group.addTask { await largestDelay() }
            let result = await body()
            group.cancelAll()
            return (result, await group.next() ?? .zero)
        }
    }

    /// Beats until the task is cancelled.
    private static func largestDelay() async -> Duration {
        let clock = ContinuousClock()
        var largest = Duration.zero
        while !Task.isCancelled {
            let due = clock.now + beat
            try? await clock.sleep(until: due)
            largest = max(largest, clock.now - due)
        }
        return largest
    }
}
