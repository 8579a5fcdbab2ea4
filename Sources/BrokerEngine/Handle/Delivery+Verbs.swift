// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// How a handler decides itself. A verb records the decision and returns at once.
extension Delivery {
    /// The message is done, although the handler goes on.
    ///
    /// An ack is taken also after the lease was lost, since success is success.
    ///
    /// - Throws: ``BrokerError/Code/alreadySettled`` when the delivery is settled already or its handler has ended.
    public func ack() throws(BrokerError) {
        try consumer.decide(self, .ack)
    }

    /// The attempt failed: another one after the policy's delay, or a dead letter if it was the last.
    ///
    /// - Parameter reason: Why; written beside the dead letter, so it must hold no secrets.
    /// - Throws: ``BrokerError/Code/alreadySettled`` when the delivery is settled already or its handler has ended,
    ///   ``BrokerError/Code/leaseLost`` when another consumer holds the message by now.
    public func nack(_ reason: String = "the handler asked for it") throws(BrokerError) {
        try consumer.decide(self, .nack(reason))
    }

    /// The attempt failed: another one after this delay, or a dead letter if it was the last.
    ///
    /// - Parameter delay: How long the message waits; a negative delay counts as none.
    /// - Throws: What ``nack(_:)`` throws.
    public func retry(after delay: Duration) throws(BrokerError) {
        try consumer.decide(self, .retry(max(delay, .zero)))
    }

    /// Hands the message back as if it had not been tried: it does not count, and nobody gets it within a second.
    ///
    /// After 100 releases of one message each further one counts as a retry.
    ///
    /// - Throws: What ``nack(_:)`` throws.
    public func release() throws(BrokerError) {
        try consumer.decide(self, .release)
    }

    /// The message can never be handled: a dead letter at once.
    ///
    /// - Parameter reason: Why; written beside the dead letter, so it must hold no secrets.
    /// - Throws: What ``nack(_:)`` throws.
    public func deadLetter(_ reason: String) throws(BrokerError) {
        try consumer.decide(self, .deadLetter(reason))
    }

    /// Extends the lease now, for another visibility timeout; needed only before work that stops the whole process.
    ///
    /// - Throws: What ``nack(_:)`` throws, and what the provider throws when it cannot be reached.
    public func extend() async throws(BrokerError) {
        try await consumer.extend(self)
    }

    /// What became of the settlement; waits until the server has replied.
    ///
    /// For a delivery on which no verb was called it waits until the handler has ended, so a handler must not await it
    /// before it has called one. A wait that is cancelled ends with ``SettledEvent/Outcome/unknown``.
    public var settled: SettledEvent.Outcome {
        get async { await consumer.result(of: self) }
    }
}

extension Delivery {
    /// Settles the delivery as the end of a handler of its own would, which has returned or thrown: it leaves its batch.
    func settleAlone(_ failure: (any Error)?) {
        let ending = failure.map { Ending($0) } ?? .returned
        // What was settled before, or is lost, needs nothing more.
        try? consumer.decide(self, on: ending, isSuccess: ending.isSuccess)
    }
}
