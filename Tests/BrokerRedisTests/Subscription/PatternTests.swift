// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// Many streams in one subscription.
@Suite(.inRealTime, .serialized) struct PatternTests {
    @Test func aStreamThatAppearsWhileAReadBlocksIsSeenWithinASecond() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("agent.*")
            try await scene.publish(1, to: "agent.first")
            #expect(try await scene.collect(1, from: subscription).count == 1)
            var times: [Duration] = []
            // A busy machine is late at times, not every time.
            for number in 0..<5 where times.allSatisfy({ $0 > .milliseconds(1400) }) {
                async let waiting = subscription.receive(5, wait: .seconds(5))
                let start = scene.now
                try await scene.publish(1, to: StreamName("agent.number-\(number)"))
                let found = try await waiting
                #expect(found.map(\.receipt.stream) == [StreamName("agent.number-\(number)")])
                times.append(scene.now - start)
            }
            #expect(times.contains { $0 < .milliseconds(1400) }, "\(times)")
        }
    }

    @Test func streamsOfOthersAreFoundToo() async throws {
        try await RedisScene.with { scene in
            try await scene.server.publish(["a"], to: "agent.before")
            let subscription = try await scene.join("agent.*", visibility: .seconds(1))
            let messages = try await scene.collect(1, from: subscription)
            #expect(messages.map(\.receipt.stream) == ["agent.before"])
            _ = try await subscription.settle(messages, .ack)
            try await scene.server.publish(["b"], to: "agent.after")
            #expect(try await scene.collect(1, from: subscription).map(\.receipt.stream) == ["agent.after"])
        }
    }

    @Test func whatMatchesAndCanBeNoStreamIsToldOnce() async throws {
        try await RedisScene.with { scene in
            for key in ["agent.\\255\\254", "agent.~x", "agent.fine"] {
                let script = "return redis.call('XADD', '\(key)', '*', 'data', 'x')"
                try await scene.server.command("EVAL", script, "0")
            }
            let subscription = try await scene.join("agent.*", visibility: .milliseconds(300))
            #expect(try await scene.collect(1, from: subscription).map(\.receipt.stream) == ["agent.fine"])
            for _ in 0..<4 { _ = try await subscription.receive(1, wait: .milliseconds(500)) }
            let told = scene.log.lines.filter { $0 == "A stream matches and is passed over" }
            #expect(told.count == 2, "\(scene.log.lines)")
        }
    }

    @Test func aStreamThatIsGoneLeavesTheSetAndTheOthersGoOn() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("agent.*")
            for name in ["agent.one", "agent.two"] { try await scene.publish(1, to: StreamName(name)) }
            let messages = try await scene.collect(2, from: subscription)
            try await scene.server.command("DEL", "agent.one")
            let ids = try await scene.publish(1, to: "agent.two")
            #expect(try await subscription.receive(10, wait: .seconds(5)).map(\.receipt.id) == ids)
            let members = try await scene.server.command("SMEMBERS", "~streams").elements.compactMap(\.string)
            #expect(members == ["agent.two"])
            #expect(try await scene.server.command("EXISTS", "agent.one").integer == 0)
            let gone = messages.filter { $0.receipt.stream == "agent.one" }
            guard case .settled = try await subscription.settle(gone, .ack)[0] else {
                Issue.record("an ack of a stream that is gone is settled")
                return
            }
        }
    }

    @Test func somethingElseUnderOneKeyLeavesTheOthersAlone() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("agent.*")
            for name in ["agent.one", "agent.two"] { try await scene.publish(1, to: StreamName(name)) }
            _ = try await scene.collect(2, from: subscription)
            try await scene.server.command("SET", "agent.one", "x")
            for _ in 0..<3 {
                let ids = try await scene.publish(2, to: "agent.two")
                #expect(try await scene.collect(2, from: subscription).map(\.receipt.id) == ids)
            }
            #expect(scene.log.lines.count <= 2, "\(scene.log.lines)")
            try await scene.server.command("DEL", "agent.one")
            let ids = try await scene.publish(1, to: "agent.one")
            #expect(try await scene.collect(1, from: subscription).map(\.receipt.id) == ids)
        }
    }

    @Test func moreStreamsThanAskedForAreServedInTurns() async throws {
        try await RedisScene.with { scene in
            let names = (0..<20).map { StreamName("agent.\($0)") }
            for name in names { try await scene.publish(4, to: name) }
            let subscription = try await scene.join("agent.*")
            var found: [StreamName: Int] = [:]
            for round in 0..<16 {
                let messages = try await subscription.receive(5)
                #expect(messages.count == 5)
                for message in messages { found[message.receipt.stream, default: 0] += 1 }
                if round == 3 { #expect(found.count == 20, "every stream had its turn") }
            }
            #expect(found.values.allSatisfy { $0 == 4 })
        }
    }

    @Test func whatExpiresAndFallsDueInManyStreamsComesBackWithinTheLimit() async throws {
        try await RedisScene.with { scene in
            let names = (0..<6).map { StreamName("agent.\($0)") }
            for name in names { try await scene.publish(4, to: name) }
            let gone = try await scene.join("agent.*", as: "gone", visibility: .milliseconds(500))
            let held = try await scene.collect(24, from: gone)
            let late = held.filter { $0.receipt.id.sequence % 2 == 0 }
            _ = try await gone.settle(late, .retry(after: .milliseconds(300)))
            await gone.close()
            let subscription = try await scene.join("agent.*", as: "next", visibility: .milliseconds(500))
            var found: [InboundMessage] = []
            let end = scene.now + .seconds(5)
            while found.count < 24, scene.now < end {
                let messages = try await subscription.receive(5, wait: .milliseconds(300))
                #expect(messages.count <= 5)
                _ = try await subscription.settle(messages, .ack)
                found += messages
            }
            let ids = Set(found.map { "\($0.receipt.stream) \($0.receipt.id)" })
            #expect(ids.count == 24 && found.count == 24)
            #expect(found.allSatisfy { $0.attempt == 2 && $0.origin != .new })
        }
    }
}
