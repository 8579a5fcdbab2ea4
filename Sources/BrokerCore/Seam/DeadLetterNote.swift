// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why a message became a dead letter, as it is written beside it.
public struct DeadLetterNote: Sendable, Hashable {
    /// The reason in a word. Closed by design: tools select by it.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Every attempt failed.
        case attempts
        /// Its holders vanished so often that no attempt is left; it was not run again.
        case crashed
        /// Its body could not be decoded.
        case undecodable
        /// A handler rejected it.
        case rejected
    }

    /// The reason in a word.
    public var reason: Reason
    /// What the handler said, at most ``maximumErrorBytes`` long.
    public var error: String
    /// The attempts that were counted.
    public var attempts: Int

    /// A longer error text is cut here, at a character boundary.
    public static let maximumErrorBytes = 2048

    /// Makes a note; a long error text is cut.
    public init(reason: Reason, error: String, attempts: Int) {
        self.reason = reason
        self.attempts = attempts
        self.error = Self.cut(error)
    }

    private static func cut(_ text: String) -> String {
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
