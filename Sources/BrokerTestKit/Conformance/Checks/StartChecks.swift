// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Where a group starts.
enum StartChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("a new group receives old messages", needs: .replay, oldMessages),
        ConformanceCheck("a group at latest receives only what comes after it", latest),
        ConformanceCheck("a group behind an id begins with the next entry", needs: .replay, behindID),
        ConformanceCheck("a group at a time begins with what was stored then or later", needs: .replay, atTime),
        ConformanceCheck("where to start changes nothing for a group that exists", needs: .replay, existing),
        ConformanceCheck("a group is new until it is confirmed, for every consumer", abilities: .newGroups, newGroup),
        ConformanceCheck(
            "a pattern's group is new only in all its streams", needs: .patterns, abilities: .newGroups,
            newUnderAPattern),
    ]

    private static func reporting(_ bench: ConformanceBench) throws -> any NewGroupReporting {
        guard let reporting = bench.provider as? any NewGroupReporting else {
            throw ConformanceFailure("the provider knows no new groups")
        }
        return reporting
    }

    @Sendable static func newGroup(_ bench: ConformanceBench) async throws {
        let reporting = try reporting(bench)
        let stream = bench.stream()
        try await bench.publish(1, to: stream)
        let first = try await bench.join(stream, group: "billing")
        try expect(try await reporting.isNew("billing", of: .stream(stream)), "a group that was just made is new")
        await first.close()
        let second = try await bench.join(stream, group: "billing", as: "second")
        try expect(try await reporting.isNew("billing", of: .stream(stream)), "the group is new for the next consumer")
        try await reporting.confirm("billing", of: .stream(stream))
        try await reporting.confirm("billing", of: .stream(stream))
        try expect(try await !reporting.isNew("billing", of: .stream(stream)), "a confirmed group is not new")
        await second.close()
        _ = try await bench.join(stream, group: "billing", as: "third")
        try expect(try await !reporting.isNew("billing", of: .stream(stream)), "it is not new for the next consumer")
        _ = try await bench.join(stream, group: "search")
        try expect(try await reporting.isNew("search", of: .stream(stream)), "another group is new")
    }

    @Sendable static func newUnderAPattern(_ bench: ConformanceBench) async throws {
        let reporting = try reporting(bench)
        let name = bench.stream().text
        let (one, two) = (StreamName("\(name).one"), StreamName("\(name).two"))
        for stream in [one, two] { try await bench.publish(1, to: stream) }
        let selection = StreamSelection.pattern(StreamPattern("\(name).*"))
        for stream in [one, two] { _ = try await bench.join(stream, group: "billing") }
        try expect(try await reporting.isNew("billing", of: selection), "the group is new in all streams")
        try await reporting.confirm("billing", of: .stream(one))
        try expect(try await !reporting.isNew("billing", of: selection), "the group is known in one stream")
        try expect(try await reporting.isNew("billing", of: .stream(two)), "it is new in the other one")
        try await reporting.confirm("billing", of: selection)
        try expect(try await !reporting.isNew("billing", of: .stream(two)), "the pattern confirms every stream")
    }

    @Sendable static func oldMessages(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        var ids: [MessageID] = []
        for round in 1...3 {
            ids += try await bench.publish(20, to: stream)
            let subscription = try await bench.join(stream, group: GroupName("group\(round)"), start: .earliest)
            let messages = try await bench.collect(ids.count, from: subscription)
            try expectExactly(messages.ids, ids, "what group \(round) received")
            try await bench.settle(messages, .ack, on: subscription)
        }
    }

    @Sendable static func latest(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        try await bench.publish(5, to: stream)
        let subscription = try await bench.join(stream, start: .latest)
        try await bench.expectNothing(from: subscription, for: bench.visibility / 5, "what was published before")
        let ids = try await bench.publish((5..<10).map { Message(Payload("\($0)")) }, to: stream)
        let after = bench.ids(of: try await bench.collect(5, from: subscription))
        try expectExactly(after, ids, "what was published after")
    }

    @Sendable static func behindID(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let ids = try await bench.publish(10, to: stream)
        let subscription = try await bench.join(stream, start: .after(ids[3]))
        try expectExactly(try await bench.collect(6, from: subscription).ids, Array(ids[4...]), "what is behind the id")
        try await bench.expectNothing(from: subscription, for: bench.visibility / 5, "what is up to the id")
    }

    @Sendable static func atTime(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        try await bench.publish(5, to: stream)
        await bench.time.pass(.milliseconds(20))
        let ids = try await bench.publish(5, to: stream)
        let time = Timestamp(milliseconds: Int64(clamping: ids[0].milliseconds))
        let subscription = try await bench.join(stream, start: .time(time))
        try expectExactly(try await bench.collect(5, from: subscription).ids, ids, "what was stored then or later")
        try await bench.expectNothing(from: subscription, for: bench.visibility / 5, "what was stored before")
    }

    @Sendable static func existing(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let ids = try await bench.publish(10, to: stream)
        let first = try await bench.join(stream, as: "one", start: .earliest)
        let acked = try await bench.collect(4, from: first)
        try await bench.settle(acked, .ack, on: first)
        for (index, start) in [StartPosition.latest, .earliest].enumerated() {
            let subscription = try await bench.join(stream, as: ConsumerName("again\(index)"), start: start)
            let more = try await bench.collect(3, from: subscription)
            try expect(Set(more.ids).isSubset(of: ids), "the group goes on where it was")
            try expect(Set(more.ids).isDisjoint(with: acked.ids), "the group does not begin anew")
            try await bench.settle(more, .ack, on: subscription)
        }
    }
}
