// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// How a delivery ended, before anybody has said what that means. Closed by design: the verdict has a row for each.
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
    case undecodable(String)
    /// The handler was cancelled because it took too long.
    case timedOut
    /// The handler was cancelled because the process is shutting down, or never began.
    case shutDown
    /// The handler was cancelled because the lease was lost, but the same consumer has it again.
    case interrupted
    /// The message was delivered more often than allowed, so it was not run again.
    case neverRan

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
