// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Deleting streams.
enum DeletingChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("a deleted stream is gone with its groups", needs: .replay, abilities: .deleting, deleting),
        ConformanceCheck("a stream that is in use is not deleted as idle", abilities: .deleting, idle),
    ]

    private static func deleter(_ bench: ConformanceBench) throws -> any StreamDeleting {
        guard let deleter = bench.provider as? any StreamDeleting else {
            throw ConformanceFailure("the provider deletes no stream")
        }
        return deleter
    }

    @Sendable static func deleting(_ bench: ConformanceBench) async throws {
        let deleter = try deleter(bench)
        let stream = bench.stream()
        try expect(try await deleter.delete(.stream(stream), idleFor: .zero), is: 0, "streams that do not exist")
        let subscription = try await bench.join(stream)
        try await bench.publish(5, to: stream)
        try await bench.settle(try await bench.collect(2, from: subscription), .ack, on: subscription)
        await subscription.close()
        try expect(try await deleter.delete(.stream(stream), idleFor: .zero), is: 1, "deleted streams")
        try await bench.publish(3, to: stream)
        let next = try await bench.join(stream, as: "next", start: .latest)
        let new = try await bench.publish(2, to: stream)
        let found = try await bench.collect(2, from: next)
        try expect(found.ids == new, "a group of that name begins anew")
    }

    @Sendable static func idle(_ bench: ConformanceBench) async throws {
        let deleter = try deleter(bench)
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let ids = try await bench.publish(3, to: stream)
        try expect(try await deleter.delete(.stream(stream), idleFor: .seconds(3600)), is: 0, "idle streams")
        try expect(try await bench.collect(3, from: subscription).ids == ids, "its messages are there")
    }
}
