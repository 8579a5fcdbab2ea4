// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Delivering past entries to a group again.
enum ReplayChecks {
    static let all: [ConformanceCheck] = [
        check("a rewound group gets everything from there on once more", again),
        check("rewinding to a time or the beginning", places),
        check("rewinding disturbs no other group", others),
        check("what is pending before the position stays as it is when a group is rewound", before),
        check("what is pending behind the position comes once when a group is rewound", behind),
        check("receipts of before a rewinding settle safely", receipts),
        ConformanceCheck(
            "what is gone and was pending behind the position leaves the group when it is rewound",
            needs: [.replay, .sharedGroups, .retention], abilities: [.replaying, .statistics], gone),
        check("a rewound group skips nothing", ahead),
        check("rewinding a group that does not exist is an error", absent),
    ]

    private static func check(
        _ name: String, _ body: @escaping @Sendable (ConformanceBench) async throws -> Void
    ) -> ConformanceCheck {
        ConformanceCheck(name, needs: [.replay, .sharedGroups], abilities: .replaying, body)
    }

    @discardableResult
    private static func rewind(
        _ bench: ConformanceBench, _ stream: StreamName, to start: StartPosition, group: GroupName = "billing"
    ) async throws -> MessageID {
        guard let replaying = bench.provider as? any Replaying else {
            throw ConformanceFailure("the provider rewinds no group")
        }
        return try await replaying.rewind(group, of: stream, to: start)
    }

    /// Returns a subscription that has received ten entries.
    private static func given(
        _ bench: ConformanceBench, _ stream: StreamName
    ) async throws -> (subscription: any BrokerSubscription, messages: [InboundMessage]) {
        let subscription = try await bench.join(stream)
        try await bench.publish(10, to: stream)
        return (subscription, try await bench.collect(10, from: subscription))
    }

    @Sendable static func again(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let (subscription, messages) = try await given(bench, stream)
        try await bench.settle(messages, .ack, on: subscription)
        let id = try await rewind(bench, stream, to: .after(messages[3].receipt.id))
        try expect(id, is: messages[3].receipt.id, "the id behind which the group reads")
        let more = try await bench.publish(2, to: stream)
        let found = try await bench.collect(8, from: subscription)
        try expect(found.ids == messages.ids.dropFirst(4) + more, "everything behind the position, in its order")
        try expect(found.allSatisfy { $0.origin == .new && $0.attempt == 1 }, "each is a first attempt")
        try await bench.settle(found, .ack, on: subscription)
        try await bench.expectNothing(from: subscription, for: bench.visibility / 2, "after everything came once more")
    }

    @Sendable static func places(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let (subscription, messages) = try await given(bench, stream)
        try await bench.settle(messages, .ack, on: subscription)
        await bench.time.pass(.milliseconds(50))
        let late = try await bench.publish(1, to: stream)
        try await bench.settle(try await bench.collect(1, from: subscription), .ack, on: subscription)
        let time = Timestamp(milliseconds: Int64(clamping: late[0].milliseconds))
        try await rewind(bench, stream, to: .time(time))
        let second = try await bench.collect(1, from: subscription)
        try expect(second.ids == late, "what was stored at that time or later")
        try await bench.settle(second, .ack, on: subscription)
        try await rewind(bench, stream, to: .earliest)
        let all = try await bench.collect(11, from: subscription)
        try expect(all.ids == messages.ids + late, "everything from the beginning")
    }

    @Sendable static func others(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let (subscription, messages) = try await given(bench, stream)
        let other = try await bench.join(stream, group: "audit", as: "other")
        let held = try await bench.collect(10, from: other)
        try await bench.settle(Array(held.dropFirst(5)), .ack, on: other)
        try await bench.settle(messages, .ack, on: subscription)
        try await rewind(bench, stream, to: .earliest)
        try expect(try await bench.poll(other).isEmpty, "another group gets nothing")
        try expect(try await bench.collect(10, from: subscription).count, is: 10, "messages of the rewound group")
        let outcomes = try await bench.settle(Array(held.prefix(5)), .ack, on: other)
        try expect(outcomes.map(\.kind), is: Array(repeating: .done, count: 5), "the other group's leases")
    }

    @Sendable static func before(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let (subscription, messages) = try await given(bench, stream)
        try await bench.settle(messages[0], .retry(after: bench.visibility / 2), on: subscription)
        try await bench.settle(Array(messages.dropFirst(3)), .ack, on: subscription)
        try await rewind(bench, stream, to: .after(messages[4].receipt.id))
        let extended = try await subscription.extend([messages[1].receipt])
        try expect(extended.map(\.kind), is: [.done], "a lease of before")
        let acked = try await bench.settle(Array(messages[1...2]), .ack, on: subscription)
        try expect(acked.map(\.kind), is: [.done, .done], "acks of before")
        let found = try await bench.collect(6, from: subscription)
        try expectExactly(found.ids, messages.ids.dropFirst(5) + [messages[0].receipt.id], "what came")
        let retried = found.first { $0.receipt.id == messages[0].receipt.id }
        try expect(retried?.attempt, is: 2, "the attempt of what waited for its retry")
    }

    @Sendable static func behind(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let (subscription, messages) = try await given(bench, stream)
        try await bench.settle(Array(messages[4...5]), .retry(after: bench.visibility / 2), on: subscription)
        try await rewind(bench, stream, to: .after(messages[1].receipt.id))
        let next = try await bench.join(stream, as: "next")
        let found = try await bench.collect(8, from: next)
        try expect(found.ids == Array(messages.ids.dropFirst(2)), "leased and waiting ones come as new")
        try await bench.settle(found, .ack, on: next)
        try await bench.settle(Array(messages.prefix(2)), .ack, on: subscription)
        try await bench.expectNothing(from: next, for: bench.takeover, "each has come once")
    }

    @Sendable static func gone(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let messages = try await given(bench, stream).messages
        // A thousand more, since backends may trim in blocks.
        try await bench.publish(1000, to: stream)
        let retention = RetentionPolicy(maximumLength: 100, mode: .cap)
        let request = MaintenanceRequest(streams: [
            .init(selection: .stream(stream), retention: retention, groups: ["billing"])
        ])
        _ = try await bench.provider.maintain(request)
        try await rewind(bench, stream, to: .after(messages[1].receipt.id))
        let counting = bench.provider as? any StatisticsReporting
        let group = try await counting?.statistics(of: .stream(stream)).first?.groups.first
        try expect(group?.pending, is: 2, "pending messages, those before the position")
    }

    @Sendable static func receipts(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let (subscription, messages) = try await given(bench, stream)
        try await rewind(bench, stream, to: .earliest)
        try await bench.settle(messages[0], .ack, on: subscription)
        try await bench.settle(messages[1], .retry(after: .zero), on: subscription)
        try await bench.settle(
            messages[2], .deadLetter(DeadLetterNote(reason: .rejected, error: "", attempts: 1)), on: subscription)
        _ = try await subscription.extend([messages[3].receipt])
        let next = try await bench.join(stream, as: "next")
        let found = try await bench.collect(10, from: next)
        try expectExactly(found.ids, messages.ids, "all come again, whatever was settled between")
        let late = try await bench.settle(messages[4], .retry(after: .zero), on: subscription)
        try expect(late.kind, is: .lost, "a retry by a holder of before")
        let outcomes = try await bench.settle(found, .ack, on: next)
        try expect(outcomes.allSatisfy { $0.kind == .done }, "all are held by their new holder")
    }

    @Sendable static func ahead(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let (subscription, messages) = try await given(bench, stream)
        let more = try await bench.publish(5, to: stream)
        let last = messages[9].receipt.id
        for start in [StartPosition.latest, .after(more[3])] {
            try expect(try await rewind(bench, stream, to: start), is: last, "the id behind which the group reads")
        }
        let found = try await bench.collect(5, from: subscription)
        try expect(found.ids == more, "nothing is skipped")
    }

    @Sendable static func absent(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        for _ in 0..<2 {
            do {
                try await rewind(bench, stream, to: .earliest)
            } catch let error as BrokerError {
                try expect(error.code, is: .undeclaredGroup, "the error")
                try await bench.publish(1, to: stream)
                continue
            }
            throw ConformanceFailure("rewinding a group that does not exist worked")
        }
    }
}
