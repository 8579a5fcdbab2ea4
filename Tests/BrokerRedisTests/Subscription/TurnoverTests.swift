// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// Streams of a pattern that come and go.
@Suite(.inRealTime, .serialized) struct TurnoverTests {
    @Test func streamsThatAreDeletedDoNotHoldUpTheOthers() async throws {
        try await RedisScene.with { scene in
            let passing = (0..<10).map { StreamName("agent.\($0)") }
            for name in passing + ["agent.stays"] { try await scene.publish(1, to: name) }
            let subscription = try await scene.join("agent.*")
            _ = try await scene.collect(11, from: subscription)
            let start = scene.now
            for name in passing {
                async let waiting = subscription.receive(5, wait: .seconds(5))
                try await scene.server.command("DEL", name.text)
                let ids = try await scene.publish(1, to: "agent.stays")
                #expect(try await waiting.map(\.receipt.id) == ids)
            }
            // A pause for each of them, growing to a second, made more than six.
            #expect(scene.now - start < .seconds(4))
        }
    }

    @Test(arguments: [false, true]) func aStreamThatIsMadeAgainIsInTheSetAgain(isEverythingGone: Bool) async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("agent.*", visibility: .seconds(3600))
            try await scene.publish(1, to: "agent.one")
            _ = try await scene.collect(1, from: subscription)
            if isEverythingGone {
                try await scene.server.command("FLUSHALL")
            } else {
                try await scene.server.command("DEL", "agent.one")
                try await eventually("the set forgets the stream") {
                    _ = try await subscription.receive(1, wait: .milliseconds(10))
                    return try await members(scene).isEmpty
                }
            }
            try await eventually("the set knows the stream again") {
                try await scene.publish(1, to: "agent.one")
                return try await members(scene) == ["agent.one"]
            }
            #expect(try await !scene.collect(1, from: subscription).isEmpty)
        }
    }

    @Test func whereAMessageIsForwardedToIsInTheSet() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("intake")
            try await scene.publish(1, to: "intake")
            let messages = try await scene.collect(1, from: subscription)
            _ = try await subscription.settle(messages, .forward([Message("x")], to: "agent.one"))
            try await eventually("the set knows the stream") {
                try await members(scene) == ["agent.one", "intake"]
            }
        }
    }

    @Test func aStreamThatIsGoneLeavesNothingBehind() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("agent.*")
            try await scene.publish(1, to: "agent.one")
            let messages = try await scene.collect(1, from: subscription)
            _ = try await subscription.settle(messages, .retry(after: .seconds(100)))
            try await scene.server.command("DEL", "agent.one")
            try await eventually("nothing is left") {
                _ = try await subscription.receive(1, wait: .milliseconds(10))
                return try await scene.server.command("DBSIZE").integer == 0
            }
            #expect(scene.log.lines.isEmpty)
        }
    }

    private func members(_ scene: RedisScene) async throws -> [String] {
        try await scene.server.command("SMEMBERS", "~streams").elements.compactMap(\.string).sorted()
    }
}
