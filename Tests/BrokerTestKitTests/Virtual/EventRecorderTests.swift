// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// What an application's tests do to observers: tell them of events that were made by hand.
@Suite struct EventRecorderTests {
    private let consumer = ConsumerIdentity(
        broker: "main", selection: StreamSelection("orders"), group: "billing", consumer: "one")

    private func entry(_ number: UInt64, _ kind: SettledEvent.Kind) -> SettledEvent.Entry {
        let id = MessageID(milliseconds: number, sequence: 0)
        let receipt = Receipt(stream: "orders", id: id, epoch: 0, token: 1)
        return SettledEvent.Entry(receipt: receipt, kind: kind, outcome: .done, attempt: 1)
    }

    @Test func keepsTheSettlementsOfAllBatchesInOrder() {
        let recorder = EventRecorder()
        let batches = [[entry(1, .ack), entry(2, .retry)], [entry(3, .deadLetter)]]
        recorder.observe(.settled(SettledEvent(consumer: consumer, entries: batches[0])))
        recorder.observe(.published(PublishedEvent(broker: "main", stored: 1, failed: 0, duration: .zero)))
        recorder.observe(.settled(SettledEvent(consumer: consumer, entries: batches[1])))
        #expect(recorder.events.count == 3)
        #expect(recorder.settlements.map(\.entry) == batches.flatMap { $0 })
        #expect(recorder.settlements.allSatisfy { $0.consumer == consumer })
    }
}
