// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Synchronization

/// The observer of every benchmark: counts what is settled and says when that is enough.
final class Tally: BrokerObserver {
    /// What had been used at one of the settlements.
    private struct Moment {
        var settled: Int
        var time = ContinuousClock.now
        var client = Machine.processorTime
        var server: Duration
    }

    private let settled = Atomic<Int>(0)
    private let ends = Mutex<(first: Moment, last: Moment)?>(nil)
    private let target: Int
    private let server: RedisServer?
    /// Raised when as many are settled as were expected.
    let reached = WakeSignal()

    /// Counts to `target`; `server` is the one that the messages are on, if any.
    init(target: Int, server: RedisServer? = nil) {
        self.target = target
        self.server = server
    }

    func observe(_ event: BrokerEvent) {
        guard case .settled(let event) = event else { return }
        let (before, now) = settled.add(event.entries.count, ordering: .relaxed)
        if before == 0 || now >= target { note(now) }
        if before < target, now >= target { reached.raise() }
    }

    /// Whether as many are settled as were expected.
    var isReached: Bool { settled.load(ordering: .relaxed) >= target }

    /// From the first to the last settlement: what it takes to begin is left out.
    var span: Span {
        guard let (first, last) = ends.withLock({ $0 }) else { return Span() }
        return Span(
            messages: last.settled - first.settled, duration: last.time - first.time,
            client: last.client - first.client, server: server == nil ? nil : last.server - first.server)
    }

    private func note(_ settled: Int) {
        let moment = Moment(settled: settled, server: (try? server?.processorTime()) ?? .zero)
        ends.withLock { $0 = ($0?.first ?? moment, moment) }
    }
}

/// What some messages took.
struct Span: Sendable {
    var messages = 0
    var duration = Duration.zero
    /// The processor time of this process.
    var client = Duration.zero
    /// The processor time of the server; `nil` without one.
    var server: Duration?

    /// The rate, and on a server the processor time for each message.
    var sample: Sample {
        var sample = duration.rate(of: messages)
        if let server {
            let count = Double(max(1, messages))
            sample.measures += ProcessorClock.measures(
                client: client.microseconds / count, server: server.microseconds / count)
        }
        return sample
    }

    /// Both, one after the other.
    static func + (one: Span, other: Span) -> Span {
        let servers = [one.server, other.server].compactMap(\.self)
        return Span(
            messages: one.messages + other.messages, duration: one.duration + other.duration,
            client: one.client + other.client, server: servers.isEmpty ? nil : servers.reduce(.zero, +))
    }
}
