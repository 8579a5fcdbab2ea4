// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct PendingRecordTests {
    private let now = Timestamp(milliseconds: 1000)
    private let visibility = Duration.seconds(30)

    private func next(_ record: PendingRecord, _ action: Settlement.Action?) throws -> PendingRecord {
        let step = record.step(for: action, token: record.token, at: now, visibility: visibility)
        guard case .becomes(let next) = step else { throw Unexpected() }
        return next
    }

    private struct Unexpected: Error {}

    @Test(arguments: [
        "held.18446744073709551615.1.0", "held.1.9223372036854775807.0",
        "held.2147483646.2147483646.9223372036854775807",
        "waiting.2147483646.0.-9223372036854775808", "held.1.0.0", "new.0.0.0",
    ]) func noTextMakesARecordThatCannotGoOn(_ text: String) throws {
        guard let record = PendingRecord(text) else { return }
        _ = (record.releases, record.isSuspect, record.leased(until: now))
        for action: Settlement.Action? in [nil, .renew, .retry(after: .seconds(1)), .release(after: .seconds(1))] {
            guard
                case .becomes(let next) = record.step(for: action, token: record.token, at: now, visibility: visibility)
            else { continue }
            #expect(PendingRecord(next.description) != nil || next.token >= Int32.max)
        }
    }

    @Test func leasingCountsAnAttemptAndRaisesTheToken() {
        let record = PendingRecord().leased(until: now + visibility)
        #expect(record.description == "held.1.1.31000")
        #expect(PendingRecord().origin == .new)
        #expect(record.origin == .expired)
        #expect(!record.isSuspect)
        #expect(record.leased(until: now).isSuspect)
    }

    @Test func aReleaseRefundsAndARetryDoesNot() throws {
        let held = PendingRecord().leased(until: now + visibility)
        let released = try next(held, .release(after: .seconds(1)))
        #expect(released.description == "waiting.1.0.2000")
        #expect(released.releases == 1)
        let retried = try next(released.leased(until: now), .retry(after: .seconds(2)))
        #expect(retried.description == "waiting.2.1.3000")
        #expect(retried.origin == .retry)
    }

    @Test func renewingCountsAndExtendingDoesNot() throws {
        let held = PendingRecord().leased(until: now)
        #expect(try next(held, .renew).description == "held.2.2.31000")
        #expect(try next(held, nil).description == "held.1.1.31000")
    }

    @Test func everythingButAnAckIsFenced() throws {
        let held = PendingRecord().leased(until: now).leased(until: now)
        let note = DeadLetterNote(reason: .rejected, error: "", attempts: 1)
        let actions: [Settlement.Action?] = [
            .retry(after: .zero), .renew, .deadLetter(note), .forward([], to: "a"), nil,
        ]
        for action in actions {
            guard case .void(.lost) = held.step(for: action, token: 1, at: now, visibility: visibility) else {
                Issue.record("\(String(describing: action)) is not fenced")
                continue
            }
        }
        guard case .ends = held.step(for: .ack, token: 1, at: now, visibility: visibility) else { throw Unexpected() }
    }

    @Test func aRepeatedRetryIsSettled() throws {
        let waiting = try next(PendingRecord().leased(until: now), .retry(after: .seconds(1)))
        let step = waiting.step(for: .retry(after: .seconds(1)), token: 1, at: now, visibility: visibility)
        guard case .void(.settled) = step else { throw Unexpected() }
    }

    @Test(arguments: ["new.0.0.0", "held.7.3.1700000000000", "waiting.1.0.12"])
    func itsTextIsReadBack(text: String) {
        #expect(PendingRecord(text)?.description == text)
    }

    @Test(arguments: ["", "held", "held.1.1", "held.1.1.1.1", "gone.1.1.1", "held.-1.1.1", "held.1.-1.1", "held.1.1.x"])
    func otherTextIsRefused(text: String) {
        #expect(PendingRecord(text) == nil)
    }

    @Test func whatIsDueIsChosenInItsOrderAndSuspectsAsAllowed() throws {
        let held = PendingRecord().leased(until: now)
        let suspect = held.leased(until: now)
        let pending: [MessageID: PendingRecord] = [
            id(1): suspect, id(2): suspect, id(3): held, id(4): held.leased(until: now + .seconds(1)),
            id(5): try next(held, .retry(after: .zero)), id(6): PendingRecord(), id(7): PendingRecord(),
        ]
        func chosen(limit: Int, suspects: Int = 1, turn: Int = 0) -> [UInt64] {
            ReceiveRequest(limit: limit, wait: .zero, suspects: suspects).choose(from: pending, at: now, turn: turn)
                .map(\.id.milliseconds)
        }
        #expect(chosen(limit: 8) == [1, 3, 5, 6, 7])
        #expect(chosen(limit: 8, suspects: 0) == [3, 5, 6, 7])
        #expect(chosen(limit: 3) == [1, 5, 6])
        #expect((0...3).map { chosen(limit: 1, turn: $0) } == [[1], [5], [6], [1]])
    }

    private func id(_ number: UInt64) -> MessageID { MessageID(milliseconds: number, sequence: 0) }
}
