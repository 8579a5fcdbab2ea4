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

/// The other end: publishes errands to `work`, or to as many streams `side.N` as it is told, until it is cancelled, and
/// writes down what it was told about each.
///
/// Every message has a number of its own, `PID-LANE-COUNT`, and is tried once. A stream that is held up does so to no
/// other: each has a lane of its own. `attempted` comes before anything is
/// sent; then `acked`, `unknown` (it may be stored) or `denied` (it is not).
struct Publisher {
    private static let fewestLanes = 8
    /// What a lane waits after a failure, beside its pace.
    private static let rest = Duration.milliseconds(20)

    private let registry: BrokerRegistry
    private let ledger: Ledger
    private let pace: Duration
    private let longest: Int
    private let largest: Int
    private let streams: Int

    /// `words` are how many messages a second, how many milliseconds the longest errand takes, how many bytes the
    /// largest has to be filled with, from 64 KiB on (0, and none is), and how many streams `side.N` they go to; 0, and
    /// it is `work`.
    init?(_ words: ArraySlice<String>, _ registry: BrokerRegistry, _ ledger: Ledger) {
        let numbers = words.compactMap { Int($0) }
        guard numbers.count == 4, numbers[0] > 0, numbers[3] >= 0 else { return nil }
        self.registry = registry
        self.ledger = ledger
        longest = numbers[1]
        largest = numbers[2]
        streams = numbers[3]
        pace = .seconds(max(Self.fewestLanes, streams)) / numbers[0]
    }

    private var lanes: Int { max(Self.fewestLanes, streams) }

    func run() async {
        await withDiscardingTaskGroup { group in
            for lane in 0..<lanes { group.addTask { await publish(in: lane) } }
        }
    }

    private func publish(in lane: Int) async {
        let clock = ContinuousClock()
        let stream: StreamName = streams == 0 ? "work" : StreamName("side.\(lane % streams)")
        var next = clock.now + pace * lane / lanes
        var count = 0
        while !Task.isCancelled {
            try? await Task.sleep(until: next, clock: clock)
            if Task.isCancelled { return }
            let isStored = await publish(errand(lane, count), to: stream)
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
        let text = "\(number) \((count * 7919 + lane * 11) % (longest + 1)) \(instruction)"
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

    private func publish(_ errand: (number: String, text: String), to stream: StreamName) async -> Bool {
        ledger.note("attempted", errand.number, "\(stream)")
        do throws(BrokerError) {
            let id = try await registry.publish(Message(Payload(errand.text)), to: stream).id
            ledger.note("acked", errand.number, Ledger.name(id, in: stream))
            return true
        } catch {
            ledger.note(error.effect == .unknown ? "unknown" : "denied", errand.number, "\(error.code)")
            return false
        }
    }
}
