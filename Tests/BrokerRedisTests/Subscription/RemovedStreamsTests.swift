// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import RedisTestSupport
import RedisWire
import Testing

/// A stream that is deleted and made again at the same moment is not lost to patterns.
///
/// All consumers here are of a user who may not look through all keys: what the set lacks, nobody finds.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(1))) struct RemovedStreamsTests {
    private func withoutScan(_ body: (RedisScene) async throws -> Void) async throws {
        try await RedisScene.with { scene in
            try await scene.server.command("ACL", "SETUSER", "default", "-scan")
            try await body(scene)
        }
    }

    private func members(_ scene: RedisScene) async throws -> Set<String> {
        Set(try await scene.server.command("SMEMBERS", "~streams").elements.compactMap(\.string))
    }

    @Test func eachIsDueOnceAPublisherWouldRepeatItself() {
        let start = ManualClock().now
        var removedStreams = RemovedStreams()
        removedStreams.note(["a", "b"], at: start)
        removedStreams.note(["b"], at: start + .seconds(1))
        #expect(removedStreams.due(at: start + .milliseconds(2999)) == [])
        #expect(removedStreams.due(at: start + .seconds(3)) == ["a"])
        removedStreams.forget(["a"])
        #expect(removedStreams.due(at: start + .seconds(9)) == ["b"])
    }

    /// The publisher put the stream into the set by its first message, and so does not by the second one.
    @Test func aMessageRightAfterAStreamWasLetGoIsFound() async throws {
        try await withoutScan { scene in
            let subscription = try await scene.join("agent.*")
            try await scene.publish(1, to: "agent.x")
            let first = try await scene.collect(1, from: subscription)
            _ = try await subscription.settle(first, .ack)
            try await scene.server.command("DEL", "agent.x")
            try await eventually("it leaves the set") {
                _ = try await subscription.receive(1, wait: .milliseconds(10))
                return try await members(scene).isEmpty
            }
            // As a publisher does that put it there within the last two seconds.
            try await scene.server.command("XADD", "agent.x", "*", "data", "again")
            let found = try await scene.collect(1, from: subscription, within: .seconds(20))
            #expect(found.map(\.message.payload) == ["again"])
            #expect(try await members(scene) == ["agent.x"])
        }
    }

    @Test func whoeverPublishesWhileSomebodyDeletesEveryStreamIsInTheSetInTheEnd() async throws {
        try await withoutScan { scene in
            let names = (0..<8).map { StreamName("agent.\($0)") }
            let subscriptions = [
                try await scene.join("agent.*", as: "one"), try await scene.join("agent.*", as: "two"),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for subscription in subscriptions {
                    group.addTask {
                        while !Task.isCancelled {
                            _ = try await subscription.settle(
                                try await subscription.receive(100, wait: .milliseconds(50)), .ack)
                        }
                    }
                }
                try await attack(names, scene)
                try await eventually("every stream that exists is in the set") {
                    try await members(scene) == Set(names.map(\.text))
                }
                try await eventually("every stream is consumed") { try await isConsumed(names, scene) }
                group.cancelAll()
            }
        }
    }

    /// Publishes to the streams and deletes them for some seconds; ends with one message in each.
    private func attack(_ names: [StreamName], _ scene: RedisScene) async throws {
        let end = scene.now + .seconds(4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while scene.now < end { for name in names { try await scene.publish(1, to: name) } }
            }
            group.addTask {
                let redis = try await scene.server.link().connection()
                while scene.now < end {
                    for name in names { _ = try await redis.submit(RedisCommands("DEL", name.text)).reply() }
                }
            }
            try await group.waitForAll()
        }
        for name in names { try await scene.publish(1, to: name) }
    }

    private func isConsumed(_ names: [StreamName], _ scene: RedisScene) async throws -> Bool {
        for name in names {
            let groups = try await scene.server.command("XINFO", "GROUPS", name.text).elements
            let facts = groups[0]?.elements.map { $0.string ?? "\($0.integer ?? -1)" } ?? []
            let last = try await scene.server.command("XREVRANGE", name.text, "+", "-", "COUNT", "1")
            guard facts.count > 7, facts[7] == last.elements[0]?.elements[0]?.string else { return false }
        }
        return true
    }
}
