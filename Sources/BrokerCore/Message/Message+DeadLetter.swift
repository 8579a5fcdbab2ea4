// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension Message {
    /// This message as the dead letter that a provider stores: all it had, and beside it where it was and why it
    /// failed.
    ///
    /// - Parameters:
    ///   - receipt: The lease of the message that is given up.
    ///   - request: What the consumer that gives it up had asked for.
    ///   - note: Why it is given up.
    ///   - timestamp: The time of the backend.
    public func deadLetter(
        of receipt: Receipt, for request: SubscriptionRequest, _ note: DeadLetterNote, at timestamp: Timestamp
    ) -> Message {
        var letter = self
        letter.headers[ReservedHeaders.originStream] = receipt.stream.text
        letter.headers[ReservedHeaders.originID] = receipt.id.description
        letter.headers[ReservedHeaders.group] = request.group.text
        letter.headers[ReservedHeaders.consumer] = request.consumer.text
        letter.headers[ReservedHeaders.attempts] = String(note.attempts)
        letter.headers[ReservedHeaders.reason] = note.reason.rawValue
        letter.headers[ReservedHeaders.error] = note.error
        letter.headers[ReservedHeaders.failedAt] = String(timestamp.milliseconds)
        return letter
    }
}
