// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// How reads are arranged on a real server.
@Suite(.inRealTime, .serialized) struct ReceiveTests {
    @Test func aBacklogCostsOneRoundTripForEachReceive() async throws {
        try await RedisScene.with { scene in
            try await scene.publish(1012)
            let subscription = try await scene.join()
            for count in [16, 32, 64] {
                #expect(try await subscription.receive(100).count == count, "it begins with few")
            }
            let before = scene.proxy.counts
            for _ in 0..<9 { #expect(try await subscription.receive(100, wait: .seconds(1)).count == 100) }
            #expect(scene.commands(since: before) == ["XREADGROUP": 9, "HGET": 9])
        }
    }

    @Test func anIdleReceiveAsksTheServerOnce() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            _ = try await subscription.receive(100)
            let before = scene.proxy.counts
            #expect(try await subscription.receive(100, wait: .milliseconds(500)).isEmpty)
            #expect(scene.commands(since: before) == ["XREADGROUP": 1, "HGET": 1])
        }
    }

    @Test func aReceiveWithRoomForNothingAsksNothing() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            try await scene.publish(1)
            let before = scene.proxy.counts
            #expect(try await subscription.receive(0, wait: .seconds(5)).isEmpty)
            #expect(scene.commands(since: before).isEmpty)
        }
    }

    @Test func aCancelledReceiveReturnsSoon() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            _ = try await subscription.receive(1)
            let start = scene.now
            try await cancelling(after: .milliseconds(50)) { _ = try await subscription.receive(5, wait: .seconds(5)) }
            #expect(scene.now - start < .seconds(3))
        }
    }

    /// A read is ended from the connection for commands. Connecting that again must not keep a reply from its caller.
    @Test func aReplyIsTakenWhileTheReadCannotBeEnded() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            _ = try await subscription.receive(1)
            let start = scene.now
            scene.proxy.inject(.delay(.seconds(2))) { $0.hasReadMessages }
            async let read = subscription.receive(1, wait: .seconds(60))
            try await eventually("a blocked read") { try await scene.clients().contains { $0.isReading } }
            try await scene.proxy.loseConnects(true)
            for client in try await scene.clients() where !client.isReading {
                try await scene.server.command("CLIENT", "KILL", "ID", client.id)
            }
            try await scene.server.publish(["x"], to: "orders")
            // The reply is on its way. The subscription is closed, so the read is to end at once, and nobody can end it.
            async let closing: Void = subscription.close()
            #expect(try await read.count == 1)
            #expect(scene.now - start < .seconds(25), "a connect takes 30 s to fail")
            try await scene.proxy.loseConnects(false)
            await closing
        }
    }

    /// The read is cancelled at every moment of its way: what it has leased is returned, or was never leased.
    @Test func cancelledReceivesLoseNothing() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            var published: [MessageID] = []
            var received: [MessageID] = []
            for round in 0..<60 {
                let ids = try await withThrowingTaskGroup(of: [MessageID].self) { group in
                    group.addTask { try await subscription.receive(100, wait: .seconds(5)).map(\.receipt.id) }
                    group.addTask {
                        await EngineThread.shared.sleep(until: EngineThread.shared.now + .microseconds(40 * round))
                        return []
                    }
                    async let ids = scene.publish(3)
                    received += try await group.next() ?? []
                    group.cancelAll()
                    received += try await group.next() ?? []
                    return try await ids
                }
                published += ids
            }
            let rest = try await scene.collect(published.count - received.count, from: subscription)
            received += rest.map(\.receipt.id)
            #expect(received.sorted() == published)
        }
    }

    @Test func whereReadsCannotBeEndedTheyAreShort() async throws {
        try await RedisScene.with(user: "bob:pw@") { scene in
            try await scene.server.command(
                "ACL", "SETUSER", "bob", "on", ">pw", "~*", "+@all", "-client|unblock")
            let subscription = try await scene.join()
            _ = try await subscription.receive(1)
            let start = scene.now
            try await cancelling(after: .milliseconds(50)) { _ = try await subscription.receive(5, wait: .seconds(5)) }
            #expect(scene.now - start < .seconds(4))
        }
    }

    /// As in a failover; older servers crash when a read is unblocked that they hold back.
    @Test func aReadThatEndsWhileWritesArePausedLeavesTheServerAlive() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            _ = try await subscription.receive(1)
            try await scene.server.command("CLIENT", "PAUSE", "500", "WRITE")
            try await cancelling(after: .milliseconds(100)) { _ = try await subscription.receive(5, wait: .seconds(5)) }
            #expect(try await scene.server.command("PING").string == "PONG")
            let ids = try await scene.publish(1)
            #expect(try await scene.collect(1, from: subscription).map(\.receipt.id) == ids)
        }
    }

    @Test(arguments: [Settlement.Action.retry(after: .milliseconds(300)), .release(after: .milliseconds(300))])
    func aRetryOfOurOwnEndsTheWaitInTime(_ action: Settlement.Action) async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            try await scene.publish(1)
            let messages = try await subscription.receive(1, wait: .seconds(1))
            _ = try await subscription.receive(1)
            async let waiting = subscription.receive(10, wait: .seconds(5))
            let start = scene.now
            _ = try await subscription.settle(messages, action)
            let found = try await waiting
            #expect(found.map(\.origin) == [.retry])
            // Nothing else would end the wait before its five seconds are over.
            let waited = scene.now - start
            #expect(waited >= .milliseconds(299) && waited < .milliseconds(2500), "\(waited)")
        }
    }

    @Test func callsAtTheSameTimeShareWhatThereIs() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            let ids = try await scene.publish(40)
            let received = try await withThrowingTaskGroup(of: [MessageID].self) { group in
                for _ in 0..<4 {
                    group.addTask { try await scene.collect(10, from: subscription).map(\.receipt.id) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(received.sorted() == ids)
        }
    }

    @Test func whoLeavesWithNothingInHandLeavesNothingBehind() async throws {
        try await RedisScene.with { scene in
            let idle = try await scene.join(as: "idle")
            let busy = try await scene.join(as: "busy")
            try await scene.publish(1)
            let messages = try await busy.receive(1, wait: .seconds(1))
            #expect(messages.count == 1)
            _ = try await idle.receive(1)
            await idle.close()
            await busy.close()
            let left = try await scene.server.command("XINFO", "CONSUMERS", "orders", "billing").elements
            #expect(left.compactMap { $0.elements[1]?.string } == ["busy@30000"])
        }
    }

    @Test func aConsumerTooManyIsRefusedWithTheReason() async throws {
        try await RedisScene.with { scene in
            for number in 0..<61 { _ = try await scene.join(as: ConsumerName("c\(number)")) }
            let error = await #expect(throws: BrokerError.self) { try await scene.join(as: "one too many") }
            #expect(error?.message.contains("max-connections: 64") == true)
            #expect(error?.isRetryable == false)
        }
    }
}

/// Runs `body` and cancels it after a while.
func cancelling(after delay: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await body() }
        await EngineThread.shared.sleep(until: EngineThread.shared.now + delay)
        group.cancelAll()
        try await group.waitForAll()
    }
}

extension RedisScene {
    /// The connections that lead to the server, and whether one of them waits for new messages.
    fileprivate func clients() async throws -> [(id: String, isReading: Bool)] {
        let list = try await server.command("CLIENT", "LIST").string ?? ""
        return list.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard let id = fields.first(where: { $0.hasPrefix("id=") }), !fields.contains("cmd=client|list") else {
                return nil
            }
            return (String(id.dropFirst(3)), fields.contains("cmd=xreadgroup"))
        }
    }
}
