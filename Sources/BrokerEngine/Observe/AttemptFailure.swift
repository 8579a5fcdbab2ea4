// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Why an attempt failed, and what follows from that.
///
/// It is an immutable object, so that an event about a success carries one word for it: `nil`.
public final class AttemptFailure: Sendable {
    /// What made the attempt fail.
    public let cause: FailureCause
    /// How many attempts have been counted.
    public let attempts: Int
    /// How many attempts the policy allows; `nil` in a stream of dead letters, where there is no limit.
    public let limit: Int?
    /// How long the message waits for its next attempt; `nil` if it was given up.
    public let next: Duration?
    /// Why the message was given up; `nil` if it is tried again.
    public let reason: DeadLetterNote.Reason?
    /// Where its dead letter is; `nil` if there is none.
    public let deadLetter: DeadLetterPlace?

    /// Makes a report; the engine does, and tests of observers.
    public init(
        _ cause: FailureCause, attempts: Int, limit: Int?, next: Duration? = nil,
        reason: DeadLetterNote.Reason? = nil, deadLetter: DeadLetterPlace? = nil
    ) {
        self.cause = cause
        self.attempts = attempts
        self.limit = limit
        self.next = next
        self.reason = reason
        self.deadLetter = deadLetter
    }

    /// Returns the same failure with the place of its dead letter.
    func buried(in place: DeadLetterPlace) -> AttemptFailure {
        AttemptFailure(cause, attempts: attempts, limit: limit, next: next, reason: reason, deadLetter: place)
    }
}

extension AttemptFailure: Hashable {
    /// Returns whether both say the same.
    public static func == (left: AttemptFailure, right: AttemptFailure) -> Bool {
        left.cause == right.cause && left.attempts == right.attempts && left.limit == right.limit
            && left.next == right.next && left.reason == right.reason && left.deadLetter == right.deadLetter
    }

    /// Hashes what distinguishes failures.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(cause)
        hasher.combine(attempts)
        hasher.combine(deadLetter)
    }
}

/// The place of a dead letter.
public struct DeadLetterPlace: Sendable, Hashable {
    /// The stream that stores it.
    public var stream: StreamName
    /// Its id in that stream; `nil` if the provider did not tell it.
    public var id: MessageID?

    /// Names a place; the engine does, and tests of observers.
    public init(stream: StreamName, id: MessageID?) {
        self.stream = stream
        self.id = id
    }
}
