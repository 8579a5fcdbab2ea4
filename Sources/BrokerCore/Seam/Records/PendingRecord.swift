// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a backend remembers about a message that a group has not settled, and the rules by which it changes.
///
/// It helps providers that keep one record for each group and message, such as a row of a table or the name of a file.
/// It is a pure value. The provider finds the record, computes the next one, and stores that in one step. Its text
/// (`held.2.1.1700000030000`: state, token, attempt, time) is stable.
public struct PendingRecord: Sendable, Hashable {
    /// The states of a message. Closed by design.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// The group has not received it yet.
        case new
        /// A consumer holds its lease, until ``PendingRecord/due``.
        case held
        /// It waits for a retry, or was released, until ``PendingRecord/due``.
        case waiting
    }

    /// The state of the message.
    public private(set) var state = State.new
    /// The token of the last lease; 0 before the first. It rises with every lease.
    public private(set) var token: UInt64 = 0
    /// How many attempts are counted.
    public private(set) var attempt = 0
    /// The time from which the message may be leased.
    public private(set) var due = Timestamp(milliseconds: 0)

    /// No record has a token this large: a text with one is not ours.
    private static let greatest = UInt64(Int32.max)

    /// Makes the record of a message that the group has not received yet.
    public init() {}

    /// How often the message has been released.
    public var releases: Int { max(0, Int(clamping: token) - attempt) }

    /// The origin of the next lease.
    public var origin: InboundMessage.Origin {
        switch state {
        case .new: .new
        case .held: .expired
        case .waiting: .retry
        }
    }

    /// Whether the next lease would be one of a suspect.
    public var isSuspect: Bool { state == .held && attempt > 1 }
}

extension PendingRecord: LosslessStringConvertible {
    /// The record as text, without spaces and slashes.
    public var description: String { "\(state).\(token).\(attempt).\(due.milliseconds)" }

    /// Reads the text of ``description``. Returns `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let state = State(rawValue: parts[0]), let token = UInt64(parts[1]),
            let attempt = Int(parts[2]), attempt >= 0, UInt64(attempt) <= token, token < Self.greatest,
            let due = Int64(parts[3])
        else { return nil }
        (self.state, self.token, self.attempt, self.due) = (state, token, attempt, Timestamp(milliseconds: due))
    }
}

/// The rules.
extension PendingRecord {
    /// The result of a settlement. Closed by design: a provider carries out each.
    public enum Step: Sendable {
        /// This record replaces the one before.
        case becomes(PendingRecord)
        /// The record is removed: the group is done with the message. Its outputs are stored first.
        case ends
        /// Nothing changes, and the settlement has this outcome.
        case void(SettlementOutcome)
    }

    /// Returns the record of a message that is leased until `end`: a new token, and one attempt more.
    public func leased(until end: Timestamp) -> PendingRecord {
        var next = changed(to: .held, until: end)
        next.token += 1
        next.attempt += 1
        return next
    }

    /// Returns the result of a settlement, fenced on the token of its receipt.
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
