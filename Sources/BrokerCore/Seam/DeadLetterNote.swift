// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why a message became a dead letter. A provider stores it with the message.
public struct DeadLetterNote: Sendable, Hashable {
    /// The reason in one word. Closed by design: tools select by it.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Every attempt failed.
        case attempts
        /// Its consumers vanished during their attempts, and no attempt is left. It was not handled again.
        case crashed
        /// The body could not be decoded.
        case undecodable
        /// A handler rejected the message.
        case rejected
    }

    /// The reason in one word.
    public var reason: Reason
    /// The error text of the handler, at most ``maximumErrorBytes`` long.
    public var error: String
    /// How many attempts were counted.
    public var attempts: Int

    /// The most bytes of an error text: 2048. A longer one is cut at a character boundary.
    public static let maximumErrorBytes = 2048

    /// Makes a note. A long error text is cut.
    public init(reason: Reason, error: String, attempts: Int) {
        self.reason = reason
        self.attempts = attempts
        self.error = Self.cut(error)
    }

    /// Returns the text, cut to its bound.
    package static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumErrorBytes else { return text }
        var bytes = 0
        return String(
            text.prefix { character in
                bytes += character.utf8.count
                return bytes <= maximumErrorBytes
            })
    }
}

extension Message {
    /// Returns the dead letter that a provider stores for this message: the message, with headers that say where it was
    /// and why it failed.
    ///
    /// - Parameters:
    ///   - receipt: The lease of the failed message.
    ///   - request: The request with which its consumer subscribed.
    ///   - note: Why the message failed.
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
