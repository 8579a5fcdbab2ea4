// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization
package import Testing

extension Trait where Self == InRealTime {
    /// Marks tests that read the real clock or wait for other processes.
    ///
    /// An issue that is recorded after the machine stood still for a quarter of a second proves nothing: it counts as
    /// known, and the test runs again. The third run counts in any case.
    package static var inRealTime: Self { InRealTime() }
}

/// The trait `inRealTime`.
package struct InRealTime: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    @concurrent package func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        for _ in 1...2 {
            guard try await isDisturbed(body) else { return }
        }
        try await body()
    }

    /// Runs a test once.
    ///
    /// - Returns: Whether it failed on a machine that stood still, so that the run does not count.
    private func isDisturbed(_ body: @concurrent @Sendable () async throws -> Void) async throws -> Bool {
        let machine = Standstill()
        let isDisturbed = Atomic(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await machine.watch() }
            try await withKnownIssue("The machine stood still; the test runs again.", isIntermittent: true) {
                try await body()
            } matching: { _ in
                guard machine.longest > .milliseconds(250) else { return false }
                isDisturbed.store(true, ordering: .relaxed)
                return true
            }
            group.cancelAll()
        }
        return isDisturbed.load(ordering: .relaxed)
    }
}

/// The longest time by which a sleep of ten milliseconds ended late.
private final class Standstill: Sendable {
    private let state = Mutex((due: ContinuousClock.now, longest: Duration.zero))

    /// Counts the sleep that should have ended by now, too.
    var longest: Duration { state.withLock { max($0.longest, ContinuousClock.now - $0.due) } }

    /// Sleeps again and again until the task is cancelled.
    func watch() async {
        while !Task.isCancelled {
            let due = ContinuousClock.now + .milliseconds(10)
            state.withLock { $0 = (due, max($0.longest, ContinuousClock.now - $0.due)) }
            try? await Task.sleep(until: due)
        }
    }
}
