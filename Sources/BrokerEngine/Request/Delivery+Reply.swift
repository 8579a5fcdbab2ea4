// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// Replying to requests.
extension Delivery {
    /// Whether a requester waits for a reply to this message.
    public var isRequest: Bool { replyTo != nil }

    /// Publishes the reply to this message and waits until it is stored, so that it is there before the ack.
    ///
    /// A handler replies once for each attempt, before it returns. A reply whose requester has ended is dropped and
    /// counted, which is no error.
    ///
    /// - Throws: ``BrokerError/Code/notRequested`` when no requester waits, ``BrokerError/Code/alreadyReplied`` the
    ///   second time, ``BrokerError/Code/alreadySettled`` when the handler has ended, and what publishing throws. After
    ///   a failure of publishing the handler may reply again.
    public func reply(_ reply: Message) async throws(BrokerError) {
        guard let replyTo else { throw .notRequested(self) }
        let route = consumer.replies.route(to: replyTo)
        let reply = try await consumer.router.prepare(reply, for: route, .reply, cause: self)
        let (slot, run) = (held.slot, begun.run)
        let claim = consumer.leases.withLock { table in
            Result { () throws(BrokerError) in try table.reply(slot, run: run) }
        }
        try claim.get()
        do {
            try await consumer.replies.publish(reply.following(self), by: route)
        } catch {
            consumer.leases.withLock { $0.takeBackReply(slot, run: run) }
            throw error
        }
    }

    /// Encodes a value and publishes it as the reply to this message.
    ///
    /// - Throws: ``BrokerError/Code/encoding``, and what ``reply(_:)-(Message)`` throws.
    public func reply<Value: Encodable>(
        _ value: Value, headers: Headers = [:]
    ) async throws(BrokerError) {
        let payload: Payload
        do {
            payload = try consumer.replies.codec.encode(value)
        } catch {
            throw BrokerError(.encoding, "the codec could not encode a \(Value.self)", underlying: error)
        }
        try await reply(Message(payload, headers: headers))
    }

    /// Wrap bytes in a ``Message``, so that they are not encoded as a list of numbers by accident.
    @available(*, unavailable, message: "wrap the bytes: reply(Message(bytes))")
    public func reply(_ bytes: [UInt8], headers: Headers = [:]) async throws(BrokerError) {
        try await reply(Message(bytes, headers: headers))
    }

    /// The stream of the requester's replies. A header that names any other stream is ignored.
    var replyTo: StreamName? {
        guard let text = stored.headers[ReservedHeaders.replyTo], text.hasPrefix(ReplyInbox.namespace) else {
            return nil
        }
        return StreamName(text)
    }
}

extension LeaseTable {
    /// Records that a handler replies; throws when it has, or when it has ended.
    package mutating func reply(_ slot: Slot, run: UInt32) throws(BrokerError) {
        guard let lease = self[slot], lease.stage == .running, lease.run == run else {
            throw .settledByItsEnd
        }
        guard !lease.hasReplied else { throw .alreadyReplied }
        leases[Int(slot.index)].hasReplied = true
    }

    /// Records that a reply could not be stored.
    package mutating func takeBackReply(_ slot: Slot, run: UInt32) {
        guard let lease = self[slot], lease.run == run else { return }
        leases[Int(slot.index)].hasReplied = false
    }
}

extension BrokerError {
    fileprivate static func notRequested(_ delivery: Delivery) -> BrokerError {
        BrokerError(
            .notRequested, "nobody awaits a reply to \(delivery.stream) \(delivery.id); see `isRequest`")
    }

    fileprivate static let alreadyReplied = BrokerError(
        .alreadyReplied, "the delivery has been replied to; a handler replies once")
}

/// Publishes the replies of a consumer's handlers.
struct ReplyPublisher: Sendable {
    let broker: Broker
    let codec: any MessageCodec
    let observers: Observers

    /// Returns the route to a requester, which waits on the broker that its request came from.
    func route(to requester: StreamName) -> StreamRoute {
        StreamRoute(to: requester, on: broker, maximumPayload: StreamConfiguration.defaultMaximumPayload)
    }

    /// Stores a reply; one whose requester is gone is dropped, and observers are told.
    func publish(_ reply: Message, by route: StreamRoute) async throws(BrokerError) {
        let entry = PublishBatch.Entry(stream: route.stream, message: reply)
        guard let result = await broker.store([entry]).first else { throw .lostResult }
        guard case .failure(let error) = result else { return }
        guard error.code == .undeclaredStream else { throw error }
        observers.tell(.replyDropped(broker: broker.name, reason: .requesterGone))
    }
}
