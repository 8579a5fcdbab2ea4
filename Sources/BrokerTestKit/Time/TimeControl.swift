// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerEngine

/// How time passes in a conformance run: virtually, or in real time with a short visibility timeout.
///
/// Checks measure time in visibility timeouts, so the same check takes microseconds in virtual time and a second or two
/// with a server.
public struct TimeControl: Sendable {
    private enum Kind: Sendable {
        case virtual(VirtualTime)
        case real(limit: Duration)
    }

    /// The visibility timeout of subscriptions in checks.
    public var visibility: Duration
    /// How late something may be, and how inexact a measured time.
    public var tolerance: Duration
    /// How late an expired lease may be in addition, because providers may look for expired leases at intervals.
    public var sweepInterval: Duration

    private let kind: Kind

    /// Returns virtual time. Nothing may be late by more than a millisecond, and an expired lease by a third of the
    /// visibility in addition.
    public static func virtual(_ time: VirtualTime, visibility: Duration = .seconds(30)) -> TimeControl {
        TimeControl(
            visibility: visibility, tolerance: .milliseconds(1), sweepInterval: visibility / 3, kind: .virtual(time))
    }

    /// Returns real time.
    ///
    /// - Parameters:
    ///   - visibility: The visibility timeout; defaults to 900 ms.
    ///   - tolerance: How late something may be; defaults to 250 ms.
    ///   - limit: How long a check may take; defaults to 60 s.
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

    /// Whether this is real time, in which a busy machine is late.
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

    /// Returns the runtime of an engine on this time: its clock, and the executor of its lease keeper.
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

    /// Runs `body` on this time. Throws if it stalls or takes too long.
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
