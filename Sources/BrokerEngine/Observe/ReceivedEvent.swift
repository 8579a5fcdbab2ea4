// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// A batch of leased messages.
public struct ReceivedEvent: Sendable {
    /// Who consumes.
    public var consumer: ConsumerIdentity
    /// What was leased, in the order in which it came; also what is in hand already and is not begun again.
    public var messages: [InboundMessage]

    /// Makes an event; the engine does, and tests of observers.
    public init(consumer: ConsumerIdentity, messages: [InboundMessage]) {
        self.consumer = consumer
        self.messages = messages
    }
}
