// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Synchronization

/// How long messages take from their publisher to a handler. A message carries the time at which it was made.
final class Latencies: Sendable {
    private let epoch = ContinuousClock.now
    private let latencies: Mutex<[Double]>

    /// Has room for that many messages, so that none of them waits while memory is found for it.
    init(expecting messages: Int) {
        var room: [Double] = []
        room.reserveCapacity(messages)
        latencies = Mutex(room)
    }

    /// How many messages a handler has had.
    var count: Int { latencies.withLock { $0.count } }

    /// A message as large as the others, made now.
    func makeMessage() -> Message {
        let time = UInt64((ContinuousClock.now - epoch) / .nanoseconds(1))
        let stamp = (0..<8).reversed().map { UInt8(truncatingIfNeeded: time >> (8 * $0)) }
        return Message(stamp + Suite.message.payload.bytes.dropFirst(stamp.count))
    }

    /// Registers the handler that takes these messages.
    func handle(_ registry: BrokerRegistry, _ streams: String = Fixture.stream.text) {
        registry.handle(streams, group: Fixture.group) { delivery in
            self.note(delivery.message, at: ContinuousClock.now)
        }
    }

    /// Half of the messages are as quick as the first of these, and 99 in 100 as the second. The messages that found
    /// their consumers at their start are left out.
    func measures(settled: Double? = nil, leavingOut early: Int = 1) -> [Measure] {
        let sorted = latencies.withLock { $0.dropFirst(early) }.sorted()
        func quantile(_ part: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
        }
        return Self.measures(p50: quantile(0.5), p99: quantile(0.99), settled: settled)
    }

    /// These microseconds, and how many messages a second were settled meanwhile, as measures, which have the same names
    /// for the yardstick.
    static func measures(p50: Double, p99: Double, settled: Double? = nil) -> [Measure] {
        let latencies = [("p50", p50), ("p99", p99)].map { Measure(name: $0, unit: .microseconds, value: $1) }
        let rate = settled.map { [Measure(name: "settled", unit: .messagesPerSecond, value: $0)] } ?? []
        return latencies + rate
    }

    private func note(_ message: Message, at now: ContinuousClock.Instant) {
        let stamp = message.payload.bytes.prefix(8)
        let time = stamp.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let latency = (now - epoch).microseconds - Double(time) / 1000
        latencies.withLock { $0.append(latency) }
    }
}
