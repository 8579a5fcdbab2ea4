// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// How a delivery ended; the verdict says what that means. Closed by design: the verdict has a row for each case.
package enum Ending: Sendable {
    /// The handler returned.
    case returned
    /// The handler asked for it by a verb.
    case asked(Verb)
    /// The handler threw.
    case threw(any Error)
    /// The handler threw ``Reject``.
    case rejected(String)
    /// The body could not be decoded; the handler did not run.
    case undecodable(Undecodable)
    /// The handler was cancelled because it took too long.
    case timedOut
    /// The handler was cancelled because the process is shutting down, or never began.
    case shutDown
    /// The handler was cancelled because the lease was lost, but the same consumer has it again.
    case interrupted
    /// The message was delivered more often than allowed, so it was not run again.
    case neverRan
    /// The message was put back for another group of its stream, so it was not run.
    case meantForAnother

    /// What a handler can ask for through its delivery. Closed by design.
    package enum Verb: Sendable {
        case ack
        case nack(String)
        case retry(Duration)
        case release
        case deadLetter(String)
        /// These are to be stored in its place.
        case forward([PublishBatch.Entry])
        /// What is to be in its place has been stored already.
        case forwarded
    }
}

/// Thrown by a handler to say that a message can never be handled: it becomes a dead letter at once.
public struct Reject: Error, Sendable {
    /// Why; written beside the dead letter, so it must hold no secrets.
    public var reason: String

    /// Makes a rejection.
    ///
    /// - Parameter reason: Why; written beside the dead letter, so it must hold no secrets.
    public init(_ reason: String) {
        self.reason = reason
    }
}

/// Thrown where a body cannot be decoded: the message becomes a dead letter at once, its bytes kept.
package struct Undecodable: Error, Sendable {
    /// The whole text; of a decoder's error it names the place in the body, which may be a key of the sender's choice.
    let reason: String
    /// The text without anything of the body.
    let summary: String
    /// The type of the decoder's error.
    let errorType: String?

    /// Makes an error; a reason that holds nothing of the body is its own summary.
    package init(reason: String, summary: String? = nil, errorType: String? = nil) {
        self.reason = reason
        self.summary = summary ?? reason
        self.errorType = errorType
    }
}

/// What a handler did, as an ending.
extension Ending {
    /// What an error that left a handler means.
    init(_ error: any Error) {
        switch error {
        case let rejection as Reject: self = .rejected(rejection.reason)
        case let undecodable as Undecodable: self = .undecodable(undecodable)
        default: self = .threw(error)
        }
    }

    /// Whether the handler returned.
    var isSuccess: Bool {
        if case .returned = self { true } else { false }
    }

    /// What the handler threw; `nil` when it did not.
    var error: (any Error)? {
        switch self {
        case .threw(let error): error
        case .rejected(let reason): Reject(reason)
        case .undecodable(let undecodable): undecodable
        case .returned, .asked, .timedOut, .shutDown, .interrupted, .neverRan, .meantForAnother: nil
        }
    }

    /// The ending of a handler that may have been cancelled: what it threw is put down to the cancellation, every other
    /// ending stands.
    func considering(_ cause: CancellationReason?, isCancelled: Bool) -> Ending {
        switch self {
        case .returned, .asked, .rejected, .undecodable, .neverRan, .meantForAnother, .timedOut, .shutDown,
            .interrupted:
            self
        case .threw:
            switch cause {
            case .deadline: .timedOut
            case .leaseLost: .interrupted
            case .shutdown: .shutDown
            case nil: isCancelled ? .shutDown : self
            }
        }
    }
}
