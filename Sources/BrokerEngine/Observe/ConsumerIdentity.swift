// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Who consumes.
public struct ConsumerIdentity: Sendable, Hashable {
    /// The broker that carries the stream.
    public var broker: BrokerName
    /// The stream, or the pattern whose streams are consumed together.
    public var selection: StreamSelection
    /// The group that the consumer belongs to.
    public var group: GroupName
    /// The consumer's own name; no other process has it.
    public var consumer: ConsumerName

    /// Names a consumer; the engine does, and tests of observers.
    public init(broker: BrokerName, selection: StreamSelection, group: GroupName, consumer: ConsumerName) {
        self.broker = broker
        self.selection = selection
        self.group = group
        self.consumer = consumer
    }

    /// Names a delivery for observers.
    func delivery(_ receipt: Receipt, attempt: Int) -> DeliveryIdentity {
        DeliveryIdentity(consumer: self, stream: receipt.stream, id: receipt.id, attempt: attempt)
    }
}

/// Which delivery of which message.
public struct DeliveryIdentity: Sendable, Hashable {
    /// Who consumes.
    public var consumer: ConsumerIdentity
    /// The stream of the message.
    public var stream: StreamName
    /// The id of the entry.
    public var id: MessageID
    /// The number of the attempt, from 1.
    public var attempt: Int

    /// Names a delivery; the engine does, and tests of observers.
    public init(consumer: ConsumerIdentity, stream: StreamName, id: MessageID, attempt: Int) {
        self.consumer = consumer
        self.stream = stream
        self.id = id
        self.attempt = attempt
    }
}
