// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import BrokerTestKit
import Testing

/// A message that ends the process of whoever handles it, first in line.
@Suite(.timeLimit(.minutes(2))) struct SuspectTests {
    @Test(arguments: [64, 256])
    func aMessageThatKillsItsConsumerTakesNoNeighboursAlong(_ prefetch: Int) async throws {
        let time = VirtualTime()
        let memory = MemoryProvider(clock: time.clock)
        let handled = Journal<String>()
        let deaths = Journal<Int>()
        let count = 1000
        let letters = try await time.run {
            let entries = (0...count).map { number in
                PublishBatch.Entry(stream: "orders", message: Message(Payload(number == 0 ? "poison" : "\(number)")))
            }
            _ = await memory.publish(PublishBatch(entries))
            for _ in 0..<12 {
                let process = MortalProvider(memory)
                let options = ConsumerOptions.test(attempts: 5, concurrency: 16, prefetch: prefetch)
                let bench = try EngineBench(options, time: time, provider: process)
                bench.handle { delivery in
                    if delivery.text == "poison" {
                        deaths.append(delivery.attempt)
                        process.die()
                    }
                    await bench.pass(.milliseconds(50))
                    if !process.isDead { handled.append(delivery.text) }
                }
                await live(bench, until: process, for: .seconds(120))
            }
            return try await memory.latest(10, of: "{orders}:dead").map(\.message)
        }
        #expect(deaths.all == [1, 2, 3, 4, 5])
        #expect(letters.map(\.payload) == ["poison"])
        #expect(letters.first?.headers[ReservedHeaders.reason] == "crashed")
        #expect(letters.first?.headers[ReservedHeaders.attempts] == "5")
        #expect(Set(handled.all).count == count, "every neighbour is handled")
    }

    /// Its slot is free only once its handler has ended, without another flush.
    @Test func theNextSuspectMayComeWhenOneThatSettledItselfHasEnded() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(attempts: 9))
        bench.handle { delivery in
            try delivery.ack()
            await bench.pass(.seconds(1))
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.deliver([.scripted(1, attempt: 3, origin: .expired)])
            await bench.pass(.seconds(2))
            #expect(subscription.receiving.requests.map(\.suspects) == [1, 0, 1])
        }
    }

    /// Runs one process until it dies or its time is over.
    private func live(_ bench: EngineBench, until process: MortalProvider, for duration: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await bench.registry.run() }
            await process.death(by: bench.time.clock.now + duration, on: bench.time.clock)
            group.cancelAll()
        }
    }
}
