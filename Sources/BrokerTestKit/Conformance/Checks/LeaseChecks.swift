// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Leases: how long they last, how they are kept, and how they are taken over.
enum LeaseChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "an expired lease is taken over, not before its time and not late", needs: .redelivery, takeover),
        ConformanceCheck("attempts are kept across crashes", needs: .redelivery, crashes),
        ConformanceCheck("extending keeps leases without counting", needs: .redelivery, extending),
        ConformanceCheck("the messages of a lost reply come back to the same consumer", needs: .redelivery, orphans),
        ConformanceCheck("an entry that was taken over is leased to one consumer only", needs: .redelivery, once),
        ConformanceCheck("tokens rise with every lease", needs: .redelivery, tokens),
    ]

    @Sendable static func takeover(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let gone = try await bench.join(stream, as: "gone")
        let next = try await bench.join(stream, as: "next", on: bench.peer)
        try await bench.publish(1, to: stream)
        let before = bench.time.now
        let message = try await bench.collect(1, from: gone)[0]
        let after = bench.time.now
        let taken = try await bench.collect(1, from: next, within: bench.takeover * 2)[0]
        let earliest = bench.visibility - bench.time.tolerance
        try expect(bench.time.now - before >= earliest, "early: after \(bench.time.now - before)")
        try expect(bench.time.now - after <= bench.takeover, "late: after \(bench.time.now - after)")
        try expect(taken.receipt.id, is: message.receipt.id, "the entry taken over")
        try expect(taken.origin, is: .expired, "its origin")
        try expect(taken.attempt, is: 2, "its attempt")
    }

    @Sendable static func crashes(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        var crashing = try await bench.join(stream, as: "crash1")
        try await bench.publish(1, to: stream)
        for attempt in 1...4 {
            if attempt > 1 { crashing = try await bench.join(stream, as: ConsumerName("crash\(attempt)")) }
            let message = try await bench.collect(1, from: crashing)[0]
            try expect(message.attempt, is: attempt, "the attempt after \(attempt - 1) crashes")
        }
        let failing = try await bench.join(stream, as: "failing")
        let fifth = try await bench.collect(1, from: failing)[0]
        try await bench.settle(fifth, .retry(after: .zero), on: failing)
        let sixth = try await bench.collect(1, from: failing)[0]
        try expect([fifth.attempt, sixth.attempt], is: [5, 6], "attempts of crashes and failures together")
    }

    @Sendable static func extending(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let holder = try await bench.join(stream, as: "holder")
        let other = try await bench.join(stream, as: "other", on: bench.peer)
        try await bench.publish(10, to: stream)
        var receipts = try await bench.collect(10, from: holder).map(\.receipt)
        for _ in 0..<9 {
            await bench.time.pass(bench.visibility / 3)
            receipts = try await extend(receipts, on: holder)
            let stolen = try await bench.poll(other).count
            try expect(stolen, is: 0, "leases that another got while they were extended")
        }
        let taken = try await bench.collect(10, from: other)
        try expect(taken.allSatisfy { $0.attempt == 2 }, "nine extensions count nothing")
    }

    private static func extend(_ receipts: [Receipt], on subscription: any BrokerSubscription) async throws -> [Receipt]
    {
        let outcomes = try await subscription.extend(receipts)
        try expect(outcomes.count, is: receipts.count, "outcomes of extending")
        return try zip(receipts, outcomes).map { receipt, outcome in
            if case .renewed(let newer) = outcome { return newer }
            try expect(outcome, isOneOf: .done, after: "extending a lease that is held")
            return receipt
        }
    }

    @Sendable static func orphans(_ bench: ConformanceBench) async throws {
        let faulty = FaultInjectingProvider(bench.provider)
        let stream = bench.stream()
        let subscription = try await bench.join(stream, on: faulty)
        let ids = try await bench.publish(10, to: stream)
        faulty.faults.inject(.loseReply, at: .receive)
        do {
            _ = try await bench.collect(10, from: subscription)
            throw ConformanceFailure("the reply was not lost")
        } catch let error as BrokerError {
            try expect(error.effect, is: .unknown, "what is known of a lost reply")
        }
        let messages = try await bench.collect(10, from: subscription, within: bench.takeover * 3)
        try expectExactly(bench.ids(of: messages), ids, "what came after the lost reply")
    }

    @Sendable static func once(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let gone = try await bench.join(stream, as: "gone")
        let ids = try await bench.publish(100, to: stream)
        _ = try await bench.collect(100, from: gone)
        await bench.time.pass(bench.visibility + bench.time.tolerance)
        let taken = try await withThrowingTaskGroup(of: [MessageID].self) { group in
            for number in 0..<4 {
                let subscription = try await bench.join(stream, as: ConsumerName("c\(number)"))
                group.addTask { try await take(from: subscription, bench) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try expectExactly(taken, ids, "what four consumers took over")
    }

    private static func take(from subscription: any BrokerSubscription, _ bench: ConformanceBench) async throws
        -> [MessageID]
    {
        let end = bench.time.now + bench.visibility * 2 / 3
        var ids: [MessageID] = []
        while bench.time.now < end {
            let messages = try await subscription.receive(ReceiveRequest(limit: 25, wait: bench.visibility / 6))
                .messages
            try await bench.settle(messages, .ack, on: subscription)
            ids += bench.ids(of: messages)
        }
        return ids
    }

    @Sendable static func tokens(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let one = try await bench.join(stream, as: "one")
        let two = try await bench.join(stream, as: "two")
        try await bench.publish(1, to: stream)
        var receipts: [Receipt] = []
        for action in [Settlement.Action.retry(after: .zero), .release(after: .zero), nil, nil] {
            let subscription = receipts.count % 2 == 0 ? one : two
            let message = try await bench.collect(1, from: subscription)[0]
            receipts.append(message.receipt)
            if let action { try await bench.settle(message, action, on: subscription) }
        }
        try expect(zip(receipts, receipts.dropFirst()).allSatisfy { $0 < $1 }, "each receipt is greater than the last")
        try expect(Set(receipts.map(\.epoch)).count, is: 1, "epochs")
    }
}
