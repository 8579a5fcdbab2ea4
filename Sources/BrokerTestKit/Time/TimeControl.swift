// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerEngine

/// How time passes in a conformance run: virtually, or really but scaled down.
///
/// Checks count in visibility timeouts, so the same check takes microseconds on virtual time and a second or two
/// against a server.
public struct TimeControl: Sendable {
    private enum Kind: Sendable {
        case virtual(VirtualTime)
        case real(limit: Duration)
    }

    /// The visibility timeout that checks ask for.
    public var visibility: Duration
    /// By how much something may be late, and measured time be off.
    public var tolerance: Duration
    /// By how much an expired lease may additionally be late; providers may look for them at intervals.
    public var sweepInterval: Duration

    private let kind: Kind

    /// Virtual time; nothing may be late by more than a millisecond, and expired leases by a third of the visibility.
    public static func virtual(_ time: VirtualTime, visibility: Duration = .seconds(30)) -> TimeControl {
        TimeControl(
            visibility: visibility, tolerance: .milliseconds(1), sweepInterval: visibility / 3, kind: .virtual(time))
    }

    /// Real time; a check that takes longer than `limit` has failed.
    public static func real(
        visibility: Duration = .milliseconds(900), tolerance: Duration = .milliseconds(250),
        limit: Duration = .seconds(60)
    ) -> TimeControl {
        TimeControl(
            visibility: visibility, tolerance: tolerance, sweepInterval: visibility / 3, kind: .real(limit: limit))
    }

    private init(visibility: Duration, tolerance: Duration, sweepInterval: Duration, kind: Kind) {
        self.visibility = visibility
        self.tolerance = tolerance
        self.sweepInterval = sweepInterval
        self.kind = kind
    }

    /// The clock to hand to everything under test.
    public var clock: any BrokerClock {
        switch kind {
        case .virtual(let time): time.clock
        case .real: EngineThread.shared
        }
    }

    /// Whether time passes by itself, and a busy machine is late.
    var isReal: Bool {
        if case .real = kind { true } else { false }
    }

    /// The monotonic time.
    public var now: Instant { clock.now }

    /// Waits until `duration` has passed or the task is cancelled.
    public func pass(_ duration: Duration) async {
        switch kind {
        case .virtual(let time): await time.pass(duration)
        case .real: try? await ContinuousClock().sleep(for: duration)
        }
    }

    /// What an engine takes from this time: its clock, and the thread on which leases are kept.
    func runtime(seed: UInt64) -> EngineRuntime {
        let bits = SeededBits(seed: seed)
        switch kind {
        case .virtual(let time):
            return EngineRuntime(
                clock: time.clock, leaseExecutor: time.executor, random: { bits.next() }, instance: "virtual")
        case .real:
            return EngineRuntime(random: { bits.next() }, instance: "check")
        }
    }

    /// Runs `body` on this time; throws when it stalls or takes too long.
    package func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        switch kind {
        case .virtual(let time): try await time.run(limit: visibility * 1000, body)
        case .real(let limit): try await Self.run(body, within: limit)
        }
    }

    private static func run(_ body: @escaping @Sendable () async throws -> Void, within limit: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await ContinuousClock().sleep(for: limit)
                throw ConformanceFailure("the check did not end within \(limit)")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
