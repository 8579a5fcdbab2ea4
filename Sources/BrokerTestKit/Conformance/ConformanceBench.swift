// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// What a check works with: a fresh backend, and the steps of which checks consist.
public struct ConformanceBench: Sendable {
    /// The provider under test.
    public let provider: any BrokerProvider
    /// The provider of another process: a second provider if there is one, else the same.
    public let peer: any BrokerProvider
    /// Whether ``peer`` is a second provider.
    public let hasPeer: Bool
    /// How time passes for the backend.
    public let time: TimeControl

    private let endConnections: @Sendable () async throws -> Void
    private let suffix: String
    private let published = PublishedEntries()

    init(_ backend: ConformanceBackend) {
        provider = backend.provider
        peer = backend.peer ?? backend.provider
        hasPeer = backend.peer != nil
        time = backend.time
        endConnections = backend.disconnect
        suffix = backend.suffix
    }

    /// The visibility timeout of every subscription of the check.
    public var visibility: Duration { time.visibility }

    /// The time after which an expired lease must have been taken over, counted from its beginning.
    public var takeover: Duration { visibility + time.sweepInterval + time.tolerance }

    /// Returns a stream name that no other check uses.
    public func stream(_ name: String = "orders") -> StreamName {
        StreamName(name + suffix)
    }

    /// Ends every connection of the provider and gives it time to notice.
    public func disconnect() async throws {
        try await endConnections()
        await time.pass(visibility / 10)
    }

    /// Publishes messages and returns their ids. A failure fails the check.
    @discardableResult
    public func publish(
        _ messages: [Message], to stream: StreamName, on provider: (any BrokerProvider)? = nil
    ) async throws -> [MessageID] {
        let batch = PublishBatch(messages.map { PublishBatch.Entry(stream: stream, message: $0) })
        let results = await (provider ?? self.provider).publish(batch)
        try expect(results.count, is: messages.count, "results of publishing")
        let ids = try results.map { try $0.get().id }
        note(messages, ids, in: stream)
        return ids
    }

    /// Records what was published, for ``ids(of:)``.
    func note(_ messages: [Message], _ ids: [MessageID], in stream: StreamName) {
        if knowsIDs { return }
        for (message, id) in zip(messages, ids) { published.note(message, id, in: stream) }
    }

    /// Returns the ids that publishing returned for received messages.
    ///
    /// With the capability `replay`, these are the ids of the received messages. Other providers may use ids of their
    /// own for each receiver; there messages are recognised by their payloads.
    public func ids(of messages: [InboundMessage]) -> [MessageID] {
        knowsIDs ? messages.ids : messages.map { published.id(of: $0) }
    }

    private var knowsIDs: Bool { provider.capabilities.contains(.replay) }

    /// Publishes `count` messages whose payloads are their numbers, from 0.
    @discardableResult
    public func publish(_ count: Int, to stream: StreamName) async throws -> [MessageID] {
        try await publish((0..<count).map { Message(Payload("\($0)")) }, to: stream)
    }

    /// Subscribes a consumer; by default `one` of the group `billing`, from the earliest entry if the provider has a
    /// past, else from now on.
    public func join(
        _ stream: StreamName, group: GroupName = "billing", as consumer: ConsumerName = "one",
        start: StartPosition? = nil, on provider: (any BrokerProvider)? = nil
    ) async throws -> any BrokerSubscription {
        let start = start ?? (self.provider.capabilities.contains(.replay) ? .earliest : .latest)
        return try await (provider ?? self.provider).subscribe(
            SubscriptionRequest(
                .stream(stream), group: group, consumer: consumer, start: start, visibility: visibility))
    }

    /// Receives until there are `count` messages. Fails the check if they do not arrive in time.
    ///
    /// - Parameter within: How long it may take; by default long enough for leases to be made, to expire and to be
    ///   taken over.
    public func collect(
        _ count: Int, from subscription: any BrokerSubscription, within: Duration? = nil, suspects: Int = 1,
        file: String = #fileID, line: Int = #line
    ) async throws -> [InboundMessage] {
        let end = time.now + (within ?? takeover * 2)
        var messages: [InboundMessage] = []
        while messages.count < count {
            try Task.checkCancellation()
            let wait = max(.zero, end - time.now)
            let request = ReceiveRequest(limit: count - messages.count, wait: wait, suspects: suspects)
            messages += try await subscription.receive(request).messages
            if wait == .zero, messages.count < count {
                throw ConformanceFailure("expected \(count) messages, found \(messages.count)", file: file, line: line)
            }
        }
        return messages
    }

    /// Receives once without waiting.
    public func poll(
        _ subscription: any BrokerSubscription, limit: Int = 100, suspects: Int = 1
    ) async throws -> [InboundMessage] {
        try await subscription.receive(ReceiveRequest(limit: limit, wait: .zero, suspects: suspects)).messages
    }

    /// Fails the check if a message arrives within `duration`. It looks about ten times, without waiting on the server.
    public func expectNothing(
        from subscription: any BrokerSubscription, for duration: Duration, _ why: String, file: String = #fileID,
        line: Int = #line
    ) async throws {
        let end = time.now + duration
        while true {
            let found = try await poll(subscription).count
            try expect(found == 0, "\(why): \(found) messages came", file: file, line: line)
            let left = end - time.now
            if left <= .zero { return }
            // A slow machine looks less often, not longer.
            await time.pass(min(left, duration / 10))
        }
    }

    /// Settles one lease and returns its outcome.
    @discardableResult
    public func settle(
        _ message: InboundMessage, _ action: Settlement.Action, on subscription: any BrokerSubscription
    ) async throws -> SettlementOutcome {
        try await settle([message], action, on: subscription)[0]
    }

    /// Settles several leases in the same way and returns their outcomes. Checks their number.
    @discardableResult
    public func settle(
        _ messages: [InboundMessage], _ action: Settlement.Action, on subscription: any BrokerSubscription
    ) async throws -> [SettlementOutcome] {
        let outcomes = try await subscription.settle(messages.map { Settlement($0.receipt, action) })
        try expect(outcomes.count, is: messages.count, "outcomes of settling")
        return outcomes
    }
}

extension Array<InboundMessage> {
    var ids: [MessageID] { map(\.receipt.id) }
    var payloads: [String] { map(\.message.payload.string) }
    var attempts: [Int] { map(\.attempt) }
}
