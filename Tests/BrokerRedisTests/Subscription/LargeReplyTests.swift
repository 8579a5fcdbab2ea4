// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// Replies that are larger than the server's output buffer may be: it ends the connection.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(2))) struct LargeReplyTests {
    @Test func whatIsTooMuchAtOnceComesInParts() async throws {
        try await RedisScene.with { scene in
            try await scene.publishLarge(60)
            try await scene.limitReplies()
            // Nobody has to wait until the leases of a lost reply run out.
            let subscription = try await scene.join(visibility: .seconds(300))
            let attempts = try await scene.drain(subscription, 60)
            #expect(attempts.values.count == 60)
            #expect(attempts.values.allSatisfy { $0 == 1 }, "no handler has begun what was in a lost reply")
        }
    }

    @Test func whatWasLeasedBeforeIsTakenOverInParts() async throws {
        try await RedisScene.with { scene in
            try await scene.publishLarge(30)
            let former = try await scene.join(as: "former", visibility: .seconds(2))
            #expect(try await scene.collect(30, from: former).count == 30)
            try await scene.limitReplies()
            let attempts = try await scene.drain(try await scene.join(visibility: .seconds(2)), 30)
            #expect(attempts.values.count == 30)
            #expect(attempts.values.allSatisfy { $0 == 2 })
        }
    }
}

extension RedisScene {
    fileprivate func publishLarge(_ count: Int) async throws {
        let body = String(repeating: "x", count: 64 << 10)
        for _ in 0..<count {
            let entry = PublishBatch.Entry(stream: "orders", message: Message(Payload(body)))
            _ = try await provider.publish(PublishBatch([entry])).map { try $0.get() }
        }
    }

    fileprivate func limitReplies() async throws {
        try await server.command("CONFIG", "SET", "client-output-buffer-limit", "normal 256kb 0 0")
    }

    /// Settles what comes, and returns the attempt in which each message came.
    fileprivate func drain(_ subscription: any BrokerSubscription, _ count: Int) async throws -> [MessageID: Int] {
        var attempts: [MessageID: Int] = [:]
        let end = now + .seconds(60)
        while attempts.count < count, now < end {
            // A lost reply is an error of that call alone.
            guard let messages = try? await subscription.receive(100, wait: .milliseconds(500)) else { continue }
            for message in messages { attempts[message.receipt.id] = message.attempt }
            _ = try await subscription.settle(messages, .ack)
        }
        return attempts
    }
}
