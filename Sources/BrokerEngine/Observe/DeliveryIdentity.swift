// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

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
