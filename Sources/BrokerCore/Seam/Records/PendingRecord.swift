// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a backend has to remember of a message that a group has not settled, and the rules by which it changes.
///
/// A help for providers that keep one record for each group and message: a row of a table, the name of a file. It is a
/// pure value; the provider finds it, asks it what follows, and stores the answer in one step. Its text
/// (`held.2.1.1700000030000`: state, token, attempt, time) is stable.
public struct PendingRecord: Sendable, Hashable {
    /// Where the message is. Closed by design.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// The group has never been given it.
        case new
        /// A consumer has it, until PendingRecord/due.
        case held
        /// It waits for a retry or was released, until PendingRecord/due.
        case waiting
    }

    /// Where the message is.
    public private(set) var state = State.new
    /// The token of the last lease, 0 without one; it rises with every lease.
    public private(set) var token: UInt64 = 0
    /// How many attempts are counted.
    public private(set) var attempt = 0
    /// From when on the message may be leased.
    public private(set) var due = Timestamp(milliseconds: 0)

    /// No lease has such a token; a text that says so was written by somebody else.
    private static let greatest = UInt64(Int32.max)

    /// Makes the record of a message that the group has never been given.
    public init() {}

    /// How often the message has been released.
    public var releases: Int { max(0, Int(clamping: token) - attempt) }

    /// Why the message would be leased next.
    public var origin: InboundMessage.Origin {
        switch state {
        case .new: .new
        case .held: .expired
        case .waiting: .retry
        }
    }

    /// Whether the next lease would be that of a suspect.
    public var isSuspect: Bool { state == .held && attempt > 1 }
}

extension PendingRecord: LosslessStringConvertible {
    /// The record as a text without spaces and slashes.
    public var description: String { "\(state).\(token).\(attempt).\(due.milliseconds)" }

    /// Reads what description wrote; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let state = State(rawValue: parts[0]), let token = UInt64(parts[1]),
            let attempt = Int(parts[2]), attempt >= 0, UInt64(attempt) <= token, token < Self.greatest,
            let due = Int64(parts[3])
        else { return nil }
        (self.state, self.token, self.attempt, self.due) = (state, token, attempt, Timestamp(milliseconds: due))
    }
}

/// What becomes of a message.
extension PendingRecord {
    /// What an order leads to. Closed by design: a provider carries out each.
    public enum Step: Sendable {
        /// The record is replaced by this one.
        case becomes(PendingRecord)
        /// The group is done with the message; what goes elsewhere is stored first.
        case ends
        /// Nothing changes; this is the outcome.
        case void(SettlementOutcome)
    }

    /// The record once the message is leased until that time: a new token, one attempt more.
    public func leased(until end: Timestamp) -> PendingRecord {
        var next = changed(to: .held, until: end)
        next.token += 1
        next.attempt += 1
        return next
    }

    /// What a settlement leads to, fenced on the token of its receipt.
    ///
    /// - Parameters:
    ///   - action: The decision; `nil` extends the lease.
    ///   - token: The token of the receipt.
    ///   - now: The time of the backend.
    ///   - visibility: How long a lease lasts.
    public func step(
        for action: Settlement.Action?, token: UInt64, at now: Timestamp, visibility: Duration
    ) -> Step {
        if case .ack = action { return .ends }
        guard token == self.token else { return .void(.lost) }
        guard state == .held else { return .void(.settled) }
        switch action {
        case nil: return .becomes(changed(to: .held, until: now + visibility))
        case .renew: return .becomes(leased(until: now + visibility))
        case .retry(let delay): return .becomes(changed(to: .waiting, until: now + delay))
        case .release(let delay):
            var next = changed(to: .waiting, until: now + delay)
            next.attempt = max(0, next.attempt - 1)
            return .becomes(next)
        case .ack, .deadLetter, .forward: return .ends
        }
    }

    private func changed(to state: State, until due: Timestamp) -> PendingRecord {
        var next = self
        (next.state, next.due) = (state, due)
        return next
    }
}
