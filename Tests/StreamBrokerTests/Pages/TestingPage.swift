// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerMemory
import BrokerTestKit
import Foundation
import StreamBroker
import Synchronization
import Testing

/// The code of docs/testing.md. SwiftPM runs tests in the root of the package, where the shipped `brokers.yaml` lies.
@Suite struct TestingPage {
    struct Order: Codable, Sendable {
        var number: Int
    }

    struct NotYet: Error {}

    @Test func theThirdAttemptSucceeds() async throws {
        let configuration = try BrokerRegistry.load("brokers.yaml").configuration
        try await withVirtualBroker(
            configuration, codec: JSONMessageCodec(), seed: 7, register: recordHandlers
        ) { broker in
            try await broker.publish(Order(number: 1), to: "orders")
            await broker.advance(by: .seconds(60))
            #expect(broker.decisions(in: "billing") == [.retry, .retry, .ack])
        }
    }

    private func recordHandlers(_ registry: BrokerRegistry) {
        registry.handle("orders", group: "billing", as: Order.self) { _, delivery in
            if delivery.attempt < 3 { throw NotYet() }
        }
    }

    @Test func keepsThePromisesOfTheSeam() async throws {
        let subject = ConformanceSubject("memory") {
            let time = VirtualTime()
            return ConformanceBackend(time: .virtual(time), provider: MemoryProvider(clock: time.clock))
        }
        let report = await ConformanceSuite.run(subject)
        print(report)
        try report.verify(skips: [])
    }

    @Test func aReplyThatIsLostIsToldAsUnknown() async throws {
        let time = VirtualTime()
        let provider = FaultInjectingProvider(MemoryProvider(clock: time.clock))
        provider.faults.inject(.loseReply, at: .publish)
        #expect(provider.capabilities == MemoryProvider(clock: time.clock).capabilities)
    }
}
