// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Publishing in the place of the message.
extension Delivery {
    /// Publishes a message to another stream and is done with this one; as ``forward(_:)`` does it.
    public func forward(_ message: Message, to stream: StreamName) async throws(BrokerError) {
        try await forward([.to(stream, message)])
    }

    /// Publishes outputs, each to its stream, and is done with this message; without outputs it is an ack.
    ///
    /// Where the provider promises it for these streams, all of that is one step, which happens or does not: then the
    /// verb returns at once, or, when a stream is broadcast as well, once it is stored. Elsewhere the outputs are
    /// published first, and a crash or a failure before the ack publishes them again.
    ///
    /// Throws before anything happens when an output breaks a rule of publishing or its stream is not declared, and
    /// what every verb throws; also what publishing throws, where that comes first.
    public func forward(_ outputs: [StreamOutput]) async throws(BrokerError) {
        guard !outputs.isEmpty else { return try ack() }
        try await consumer.forward(self, outputs)
    }
}
