// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// Answering.
extension Delivery {
    /// Whether somebody awaits an answer to this message.
    public var isRequest: Bool { replyTo != nil }

    /// Publishes the answer to this message and waits until it is stored, so that it is there before the ack.
    ///
    /// A handler replies once for each attempt, before it returns. Throws ``BrokerError/Code/notRequested`` when nobody
    /// asked, ``BrokerError/Code/alreadyReplied`` the second time, ``BrokerError/Code/alreadySettled`` when the handler
    /// has ended, and what publishing throws; after such a failure it may be tried again. An answer whose requester has
    /// ended is dropped and counted, which is no error.
    public func reply(_ answer: Message) async throws(BrokerError) {
        guard let replyTo else { throw .notRequested(self) }
        let route = consumer.answers.route(to: replyTo)
        let answer = try await consumer.router.prepare(answer, for: route, .reply, cause: self)
        let (slot, run) = (held.slot, begun.run)
        let claim = consumer.leases.withLock { table in
            Result { () throws(BrokerError) in try table.reply(slot, run: run) }
        }
        try claim.get()
        do {
            try await consumer.answers.post(answer.following(self), by: route)
        } catch {
            consumer.leases.withLock { $0.takeBackReply(slot, run: run) }
            throw error
        }
    }

    /// Encodes a value and publishes it as the answer to this message.
    public func reply<Value: Encodable>(
        _ value: Value, headers: Headers = [:]
    ) async throws(BrokerError) {
        let payload: Payload
        do {
            payload = try consumer.answers.codec.encode(value)
        } catch {
            throw BrokerError(.encoding, "the codec could not encode a \(Value.self)", underlying: error)
        }
        try await reply(Message(payload, headers: headers))
    }

    /// Bytes are an answer as a ``Message``, so that nobody stores them as a list of numbers by accident.
    @available(*, unavailable, message: "wrap the bytes: reply(Message(bytes))")
    public func reply(_ bytes: [UInt8], headers: Headers = [:]) async throws(BrokerError) {
        try await reply(Message(bytes, headers: headers))
    }

    /// Where the answer is awaited; an address that is no stream of answers is none, whoever wrote it.
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
            throw .alreadySettledDelivery
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
            .notRequested, "nobody awaits an answer to \(delivery.stream) \(delivery.id); see `isRequest`")
    }

    fileprivate static let alreadyReplied = BrokerError(
        .alreadyReplied, "the delivery has been replied to; a handler replies once")
}
