// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory

/// A log with a time that tests move by hand.
struct LogScene {
    var log: MemoryLog
    var time = MemoryTime(now: Instant(nanoseconds: 0), timestamp: Timestamp(milliseconds: 1_700_000_000_000))
    let stream: StreamName = "orders"

    init(declared: [StreamConfiguration] = []) {
        log = MemoryLog(declared: declared)
    }

    init(bounds: BufferBounds) {
        log = MemoryLog(bounds: bounds)
    }

    mutating func advance(_ duration: Duration) {
        time.now = time.now + duration
        time.timestamp = time.timestamp + duration
    }

    @discardableResult
    mutating func publish(_ bodies: String..., to stream: StreamName = "orders") -> [MessageID] {
        publish(bodies.map { Message(Payload($0)) }, to: stream)
    }

    @discardableResult
    mutating func publish(_ messages: [Message], to stream: StreamName = "orders") -> [MessageID] {
        log.publish(messages.map { PublishBatch.Entry(stream: stream, message: $0) }, at: time)
            .compactMap { try? $0.get().id }
    }

    mutating func join(
        _ consumer: ConsumerName, _ selection: String = "orders", group: GroupName = "billing",
        start: StartPosition = .earliest, visibility: Duration = .seconds(30)
    ) -> Int {
        log.subscribe(
            SubscriptionRequest(
                StreamSelection(selection), group: group, consumer: consumer, start: start, visibility: visibility))
    }

    /// What a consumer gets at once.
    mutating func receive(_ subscription: Int, _ limit: Int = 100, suspects: Int = 1) -> Received {
        let request = ReceiveRequest(limit: limit, wait: .zero, suspects: suspects)
        guard case .received(let received) = log.receive(request, subscription: subscription, isLast: true, at: time)
        else {
            return Received()
        }
        return received
    }

    /// Lets a consumer wait; returns its number and when it looks again, `nil` when there was something.
    mutating func wait(_ subscription: Int, _ limit: Int = 100, suspects: Int = 1) -> (number: Int, until: Instant)? {
        let request = ReceiveRequest(limit: limit, wait: .seconds(60), suspects: suspects)
        guard
            case .waiting(let number, let until) = log.receive(
                request, subscription: subscription, isLast: false, at: time)
        else { return nil }
        return (number, until)
    }

    /// Ends a wait without another look.
    mutating func leave(_ subscription: Int, _ waiter: Int?) {
        if let waiter { log.leave(subscription: subscription, waiter: waiter) }
    }

    mutating func settle(_ subscription: Int, _ message: InboundMessage, _ action: Settlement.Action) -> String {
        settle(subscription, message.receipt, action)
    }

    mutating func settle(_ subscription: Int, _ receipt: Receipt, _ action: Settlement.Action) -> String {
        log.settle([Settlement(receipt, action)], subscription: subscription, at: time)?.first.map(word) ?? "closed"
    }

    mutating func extend(_ subscription: Int, _ message: InboundMessage) -> String {
        log.extend([message.receipt], subscription: subscription, at: time)?.first.map(word) ?? "closed"
    }

    func group(_ name: GroupName = "billing", of stream: String = "orders") -> StreamStatistics.Group? {
        log.statistics(of: StreamSelection(stream), at: time.timestamp).first?.groups.first { $0.name == name }
    }

    func length(of stream: String = "orders") -> Int? {
        log.statistics(of: StreamSelection(stream), at: time.timestamp).first?.length
    }
}

/// An outcome in a word.
func word(_ outcome: SettlementOutcome) -> String {
    switch outcome {
    case .done, .deadLettered: "done"
    case .renewed: "renewed"
    case .lost: "lost"
    case .settled: "settled"
    case .missing: "missing"
    case .refused: "refused"
    }
}

extension Received {
    /// The bodies, in the order in which they came.
    var bodies: [String] { messages.map(\.message.payload.string) }
}
