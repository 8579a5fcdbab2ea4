// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension SubscriptionRequest {
    /// What is stored elsewhere before a message leaves its group: its dead letter, or what is forwarded in its place.
    ///
    /// For an ack, and for every other decision, there is nothing.
    ///
    /// - Parameters:
    ///   - receipt: The lease of the message.
    ///   - action: The decision about it; `nil` extends the lease.
    ///   - timestamp: The time of the backend.
    ///   - message: Reads the message; called for a dead letter only.
    public func outputs(
        of receipt: Receipt, _ action: Settlement.Action?, at timestamp: Timestamp, message: () throws -> Message
    ) rethrows -> [PublishBatch.Entry] {
        switch action {
        case .deadLetter(let note):
            let letter = try message().deadLetter(of: receipt, for: self, note, at: timestamp)
            return [PublishBatch.Entry(stream: deadLetter.destination(for: receipt.stream), message: letter)]
        case .forward(let entries): return entries
        case .ack, .retry, .renew, .release, nil: return []
        }
    }
}
