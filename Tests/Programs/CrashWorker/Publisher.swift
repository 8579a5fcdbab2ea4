// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The other end: publishes errands to `work` until it is cancelled, and writes down what it was told about each.
///
/// Every message has a number of its own, `PID-LANE-COUNT`, and is tried once. `attempted` comes before anything is
/// sent; then `acked`, `unknown` (it may be stored) or `denied` (it is not).
struct Publisher {
    private static let lanes = 8
    /// What a lane waits after a failure, beside its pace.
    private static let rest = Duration.milliseconds(20)

    private let registry: BrokerRegistry
    private let ledger: Ledger
    private let pace: Duration
    private let longest: Int
    private let largest: Int

    /// `words` are how many messages a second, how many milliseconds the longest errand takes, and how many bytes the
    /// largest has to be filled with, from 64 KiB on; 0, and none is.
    init?(_ words: ArraySlice<String>, _ registry: BrokerRegistry, _ ledger: Ledger) {
        let numbers = words.compactMap { Int($0) }
        guard numbers.count == 3, numbers[0] > 0 else { return nil }
        self.registry = registry
        self.ledger = ledger
        longest = numbers[1]
        largest = numbers[2]
        pace = .seconds(Self.lanes) / numbers[0]
    }

    func run() async {
        await withDiscardingTaskGroup { lanes in
            for lane in 0..<Self.lanes { lanes.addTask { await publish(in: lane) } }
        }
    }

    private func publish(in lane: Int) async {
        let clock = ContinuousClock()
        var next = clock.now + pace * lane / Self.lanes
        var count = 0
        while !Task.isCancelled {
            try? await Task.sleep(until: next, clock: clock)
            if Task.isCancelled { return }
            let isStored = await publish(errand(lane, count))
            count += 1
            // Time that was lost is not made up for.
            next = max(next + pace, clock.now - pace)
            if !isStored { next = max(next, clock.now + Self.rest) }
        }
    }

    /// Most errands end; some stumble once, and a few are refused.
    private func errand(_ lane: Int, _ count: Int) -> (number: String, text: String) {
        let number = "\(getpid())-\(lane)-\(count)"
        let instruction = count % 97 == 96 ? "reject" : count % 40 == 39 ? "stumble" : "end"
        let text = "\(number) \((count * 37 + lane * 11) % (longest + 1)) \(instruction)"
        let size = size(lane + count)
        return (number, size == 0 ? text : "\(text) \(size) \(Errand.filling(size, of: number))")
    }

    /// From 64 KiB on each is twice as large as the one before.
    private func size(_ place: Int) -> Int {
        let smallest = 64 << 10
        guard largest >= smallest else { return 0 }
        let sizes = Int.bitWidth - (largest / smallest).leadingZeroBitCount
        return smallest << (place % sizes)
    }

    private func publish(_ errand: (number: String, text: String)) async -> Bool {
        ledger.note("attempted", errand.number)
        do throws(BrokerError) {
            let id = try await registry.publish(Message(Payload(errand.text)), to: "work").id
            ledger.note("acked", errand.number, "\(id)")
            return true
        } catch {
            ledger.note(error.effect == .unknown ? "unknown" : "denied", errand.number, "\(error.code)")
            return false
        }
    }
}
