// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerEngine
import Synchronization

/// Watches the handlers of a virtual broker: which of them run, and until when each waits on the clock of the test.
final class HandlerWatch: BrokerMiddleware {
    /// A delivery in its handler.
    final class Run: Sendable {
        let stream: StreamName
        let group: GroupName
        private let end = Mutex(Instant(nanoseconds: 0))

        init(_ delivery: Delivery) {
            (stream, group) = (delivery.stream, delivery.group)
        }

        /// Records that the handler, or a task that it has started, waits until an instant.
        func wait(until instant: Instant) { end.withLock { $0 = max($0, instant) } }

        func waits(at now: Instant) -> Bool { end.withLock { $0 > now } }
    }

    /// The handler that the current task works for.
    @TaskLocal static var current: Run?

    private let runs = Mutex<[ObjectIdentifier: Run]>([:])

    func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
        let run = Run(delivery)
        runs.withLock { $0[ObjectIdentifier(run)] = run }
        defer { runs.withLock { $0[ObjectIdentifier(run)] = nil } }
        try await Self.$current.withValue(run) { try await next(delivery) }
    }

    /// Returns the first handler, by name, that runs and does not wait on the clock.
    func handlerOffTheClock(at now: Instant) -> HandlerOffTheClock? {
        runs.withLock { Array($0.values) }.filter { !$0.waits(at: now) }
            .map { HandlerOffTheClock(stream: $0.stream, group: $0.group) }
            .min { ($0.stream, $0.group) < ($1.stream, $1.group) }
    }
}

/// A handler still ran at the end of a test on virtual time, and waited for something that virtual time does not see.
public struct HandlerOffTheClock: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stream of its message.
    public var stream: StreamName
    /// Its group.
    public var group: GroupName

    /// What happened and what to do, in a sentence.
    public var description: String {
        "the handler of '\(stream)' in group '\(group)' still ran when the test ended, and did not wait on the clock of the "
            + "test: virtual time does not see Task.sleep, nor work on other threads; give the handler its clock, and wait "
            + "with 'await broker.time.pass(.seconds(3))'"
    }
}
