// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import DequeModule
import Synchronization

/// A subscription whose replies a test scripts.
///
/// By default `receive` returns what ``deliver(_:)`` added, and waits for it as long as the request says. `settle` and
/// `extend` return ``SettlementOutcome/done`` for each entry.
public final class ScriptedSubscription: BrokerSubscription {
    private struct State {
        var queue = Deque<Received>()
        var isClosed = false
    }

    /// The request of the subscription.
    public let request: SubscriptionRequest
    /// The calls of `settle`.
    public let settling = ScriptedCall<[Settlement], [SettlementOutcome]> { $0.map { _ in .done } }
    /// The calls of `extend`.
    public let extending = ScriptedCall<[Receipt], [SettlementOutcome]> { $0.map { _ in .done } }
    /// The calls of `receive`.
    public let receiving: ScriptedCall<ReceiveRequest, Received>

    private let inbox: Inbox

    /// The queue of `receive`. It is an object of its own, so that the default reply can hold it.
    private final class Inbox: Sendable {
        let state = Mutex(State())
        let arrival = WakeSignal()
        let clock: any BrokerClock

        init(clock: any BrokerClock) { self.clock = clock }

        func take(_ request: ReceiveRequest) async -> Received {
            let deadline = clock.now + request.wait
            while true {
                let (received, isClosed) = state.withLock { ($0.queue.popFirst(), $0.isClosed) }
                if let received { return received }
                if isClosed || Task.isCancelled || clock.now >= deadline { return Received() }
                await arrival.waitUnlessCancelled(until: deadline, on: clock)
            }
        }
    }

    /// Makes a subscription that takes its time from `clock`.
    public init(_ request: SubscriptionRequest, clock: any BrokerClock = ManualClock()) {
        self.request = request
        let inbox = Inbox(clock: clock)
        self.inbox = inbox
        receiving = ScriptedCall { await inbox.take($0) }
    }

    /// Whether the subscription has been closed.
    public var isClosed: Bool { inbox.state.withLock { $0.isClosed } }

    /// Adds a result for one of the next calls of `receive`.
    public func deliver(_ received: Received) {
        inbox.state.withLock { $0.queue.append(received) }
        inbox.arrival.raise()
    }

    /// Adds messages that one of the next calls of `receive` returns together.
    public func deliver(_ messages: [InboundMessage]) {
        deliver(Received(messages: messages))
    }

    /// Records the call and replies as scripted.
    public func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received {
        try await receiving.call(request)
    }

    /// Records the call and replies as scripted.
    public func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        try await settling.call(settlements)
    }

    /// Records the call and replies as scripted.
    public func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        try await extending.call(receipts)
    }

    /// Closes the subscription. A waiting `receive` returns nothing.
    public func close() async {
        inbox.state.withLock { $0.isClosed = true }
        inbox.arrival.raise()
    }
}

extension InboundMessage {
    /// Makes a leased message for tests: entry `number` of `stream`, by default in its first attempt.
    public static func scripted(
        _ number: UInt64, stream: StreamName = "orders", payload: Payload = "", key: String? = nil, attempt: Int = 1,
        token: UInt64 = 1, origin: Origin = .new
    ) -> InboundMessage {
        let id = MessageID(milliseconds: number, sequence: 0)
        return InboundMessage(
            receipt: Receipt(stream: stream, id: id, epoch: 1, token: token), message: Message(payload, key: key),
            attempt: attempt, origin: origin)
    }
}
