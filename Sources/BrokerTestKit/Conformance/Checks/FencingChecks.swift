// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A consumer that has lost its lease changes nothing, except with an ack: success is success.
enum FencingChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "a lost lease can no longer retry, release, renew, dead-letter, forward or extend", needs: .redelivery,
            fenced),
        ConformanceCheck("an ack is taken from whoever sends it, within the epoch", needs: .redelivery, lateAck),
        ConformanceCheck(
            "what a former holder has acknowledged is not leased again, and what is held stays as it is",
            needs: .redelivery, restoring),
        ConformanceCheck("an ack of another epoch is void", needs: .redelivery, otherEpoch),
        ConformanceCheck(
            "a settlement that is repeated returns settled and changes nothing", needs: .redelivery, repeated),
        ConformanceCheck("a repeated retry keeps its time", needs: .redelivery, repeatedRetry),
        ConformanceCheck(
            "a lease that was given up is settled, whatever is asked of it then", needs: .redelivery, givenUp),
        ConformanceCheck("there is one outcome for each settlement, in order", needs: .redelivery, inOrder),
    ]

    @Sendable static func fenced(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        // The same hash tag, which a cluster needs for one atomic step.
        let elsewhere = StreamName("{\(stream)}:elsewhere")
        let slow = try await bench.join(stream, as: "slow")
        let holder = try await bench.join(stream, as: "holder", on: bench.peer)
        try await bench.publish(1, to: stream)
        let stale = try await bench.collect(1, from: slow)[0]
        let held = try await bench.collect(1, from: holder)[0]
        let actions: [Settlement.Action] = [
            .retry(after: .zero), .release(after: .zero), .renew, .deadLetter(note),
            .forward([Message("x")], to: elsewhere),
        ]
        for action in actions {
            let outcome = try await bench.settle(stale, action, on: slow)
            try expect(outcome, isOneOf: .lost, after: "\(action) under a lost lease")
        }
        try expect(try await slow.extend([stale.receipt])[0], isOneOf: .lost, after: "extending a lost lease")
        try await bench.expectNothing(from: slow, for: bench.visibility / 3, "a message that another holds")
        try expect(
            try await holder.extend([held.receipt])[0], isOneOf: .done, .renewed, after: "the holder's extension")
        try expect(try await bench.settle(held, .ack, on: holder), isOneOf: .done, after: "the holder's ack")
        try await expectEmpty([elsewhere, stream.deadLetters], bench)
    }

    private static let note = DeadLetterNote(reason: .rejected, error: "no", attempts: 1)

    private static func expectEmpty(_ streams: [StreamName], _ bench: ConformanceBench) async throws {
        for stream in streams {
            let subscription = try await bench.join(stream, group: "watching")
            try await bench.expectNothing(from: subscription, for: bench.visibility / 5, "the stream \(stream)")
        }
    }

    @Sendable static func lateAck(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let slow = try await bench.join(stream, as: "slow")
        let holder = try await bench.join(stream, as: "holder", on: bench.peer)
        try await bench.publish(1, to: stream)
        let stale = try await bench.collect(1, from: slow)[0]
        let held = try await bench.collect(1, from: holder)[0]
        try expect(try await bench.settle(stale, .ack, on: slow), isOneOf: .done, after: "a late ack")
        let outcome = try await bench.settle(held, .retry(after: .zero), on: holder)
        try expect(outcome, isOneOf: .settled, after: "the holder's retry behind a late ack")
        try await bench.expectNothing(from: holder, for: bench.takeover, "an acknowledged message")
    }

    @Sendable static func restoring(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let slow = try await bench.join(stream, as: "slow")
        let holder = try await bench.join(stream, as: "holder", on: bench.peer)
        try await bench.publish(2, to: stream)
        let stale = try await bench.collect(2, from: slow)
        let held = try await bench.collect(2, from: holder).sorted { $0.receipt < $1.receipt }
        let lost = try await slow.restore(stale.map(\.receipt))
        try expect(lost[0], isOneOf: .lost, .settled, after: "asking for a lease that another has")
        let first = stale.first { $0.receipt.id == held[0].receipt.id } ?? stale[0]
        try expect(try await bench.settle(first, .ack, on: slow), isOneOf: .done, after: "a late ack")
        let outcomes = try await holder.restore(held.map(\.receipt))
        try expect(outcomes[0], isOneOf: .settled, after: "asking for what was acknowledged")
        try expect(outcomes[1], isOneOf: .done, .settled, after: "asking for what is held")
        try expect(
            try await bench.settle(held[1], .ack, on: holder), isOneOf: .done, after: "the ack of what was held")
        try await bench.expectNothing(from: holder, for: bench.takeover, "an acknowledged message")
    }

    @Sendable static func otherEpoch(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(1, to: stream)
        var message = try await bench.collect(1, from: subscription)[0]
        let id = message.receipt.id
        message.receipt.epoch = message.receipt.epoch > 0 ? message.receipt.epoch - 1 : 1
        try await bench.settle(message, .ack, on: subscription)
        let again = try await bench.collect(1, from: subscription)[0]
        try expect(again.receipt.id, is: id, "the message that an ack of another epoch did not touch")
    }

    @Sendable static func repeated(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        // The same hash tag, which a cluster needs for one atomic step.
        let elsewhere = StreamName("{\(stream)}:elsewhere")
        let subscription = try await bench.join(stream)
        let readers = [
            try await bench.join(elsewhere, group: "watching"),
            try await bench.join(stream.deadLetters, group: "watching"),
        ]
        try await bench.publish(3, to: stream)
        let messages = try await bench.collect(3, from: subscription)
        let actions: [Settlement.Action] = [.ack, .deadLetter(note), .forward([Message("x")], to: elsewhere)]
        let settlements = zip(messages, actions).map { Settlement($0.receipt, $1) }
        let first = try await subscription.settle(settlements)
        try expect(first.map(\.kind), is: [.done, .done, .done], "outcomes the first time")
        for outcomes in [try await subscription.settle(settlements), try await subscription.settle(settlements)] {
            try expect(outcomes[0], isOneOf: .settled, .done, after: "a repeated ack")
            try expect(outcomes[1], isOneOf: .settled, after: "a repeated dead letter")
            try expect(outcomes[2], isOneOf: .settled, after: "a repeated forward")
        }
        for reader in readers {
            _ = try await bench.collect(1, from: reader)
            try await bench.expectNothing(from: reader, for: bench.visibility / 5, "a second copy")
        }
    }

    @Sendable static func repeatedRetry(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(1, to: stream)
        let message = try await bench.collect(1, from: subscription)[0]
        let delay = bench.visibility / 2
        let start = bench.time.now
        try expect(
            try await bench.settle(message, .retry(after: delay), on: subscription), isOneOf: .done, after: "a retry")
        await bench.time.pass(delay / 2)
        let outcome = try await bench.settle(message, .retry(after: delay), on: subscription)
        try expect(outcome, isOneOf: .settled, after: "a repeated retry")
        let again = try await bench.collect(1, from: subscription)[0]
        try expect(again.attempt, is: 2, "the attempt after a retry that was sent twice")
        let waited = bench.time.now - start
        try expect(waited <= delay + bench.time.tolerance, "the repetition moved the retry to \(waited)")
    }

    @Sendable static func givenUp(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        // The same hash tag, which a cluster needs for one atomic step.
        let elsewhere = StreamName("{\(stream)}:elsewhere")
        let subscription = try await bench.join(stream)
        try await bench.publish(2, to: stream)
        let messages = try await bench.collect(2, from: subscription)
        let later = bench.visibility * 2
        try await bench.settle(messages[0], .retry(after: later), on: subscription)
        try await bench.settle(messages[1], .release(after: later), on: subscription)
        let actions: [Settlement.Action] = [
            .retry(after: .zero), .release(after: .zero), .renew, .deadLetter(note),
            .forward([Message("x")], to: elsewhere),
        ]
        for action in actions {
            let outcomes = try await bench.settle(messages, action, on: subscription)
            try expect(outcomes.map(\.kind), is: [.settled, .settled], "outcomes of \(action) behind another")
        }
        let extended = try await subscription.extend(messages.map(\.receipt))
        try expect(extended.map(\.kind), is: [.settled, .settled], "outcomes of extending what was given up")
        try await bench.expectNothing(from: subscription, for: bench.visibility, "what waits for its time")
        try await expectEmpty([elsewhere, stream.deadLetters], bench)
    }

    @Sendable static func inOrder(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(5, to: stream)
        let messages = try await bench.collect(5, from: subscription)
        try await bench.settle(messages[1], .ack, on: subscription)
        var forged = messages[3].receipt
        forged.token += 1
        let outcomes = try await subscription.settle([
            Settlement(messages[0].receipt, .ack), Settlement(messages[1].receipt, .retry(after: .zero)),
            Settlement(messages[2].receipt, .retry(after: bench.visibility * 9)),
            Settlement(forged, .release(after: .zero)), Settlement(messages[4].receipt, .renew),
        ])
        let kinds: [OutcomeKind] = [.done, .settled, .done, .lost, .renewed]
        try expect(outcomes.map(\.kind), is: kinds, "outcomes of five different settlements")
    }
}
