// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// Groups and streams that somebody takes away.
@Suite(.inRealTime, .serialized) struct GroupLossTests {
    enum Loss: String, CaseIterable {
        case groupDestroyed, streamDeleted, everythingFlushed

        func strike(_ server: RedisServer) async throws {
            switch self {
            case .groupDestroyed: try await server.command("XGROUP", "DESTROY", "orders", "billing")
            case .streamDeleted: try await server.command("DEL", "orders")
            case .everythingFlushed: try await server.command("FLUSHALL")
            }
        }
    }

    @Test(arguments: Loss.allCases) func aGroupThatIsLostWhileAReadBlocksIsMadeAgain(_ loss: Loss) async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            try await scene.publish(1)
            let before = try await subscription.receive(1, wait: .seconds(1))
            #expect(try await subscription.settle(before, .ack).count == 1)
            async let waiting = subscription.receive(5, wait: .seconds(5))
            try await loss.strike(scene.server)
            let ids = try await scene.publish(2)
            var messages = try await waiting
            while messages.last?.receipt.id != ids[1] { messages += try await scene.collect(1, from: subscription) }
            #expect(messages.suffix(2).map(\.receipt.id) == ids)
            #expect(messages.allSatisfy { $0.receipt.epoch > before[0].receipt.epoch })
            #expect(scene.log.lines == ["the group was lost and has been made again"])
        }
    }

    @Test(arguments: Loss.allCases) func aGroupThatIsLostBetweenReadsIsMadeAgain(_ loss: Loss) async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            _ = try await subscription.receive(1)
            try await loss.strike(scene.server)
            let ids = try await scene.publish(2)
            #expect(try await scene.collect(2, from: subscription).map(\.receipt.id) == ids)
        }
    }

    /// Of few streams and of more than are asked about along with a read.
    @Test(arguments: [1, 40]) func whoReadsFromAGroupThatSomebodyElseMadeAgainHoldsWhatItRead(streams: Int) async throws
    {
        try await RedisScene.with { scene in
            let names = (0..<streams).map { StreamName(stringLiteral: "agent.\($0)") }
            for name in names { try await scene.publish(1, to: name) }
            let selection = streams == 1 ? "agent.0" : "agent.*"
            let (one, other) = (try await scene.join(selection), try await scene.join(selection, as: "other"))
            #expect(try await scene.collect(streams, from: one).count == streams)
            #expect(try await one.receive(100).isEmpty, "and its next sweep is far")
            for name in names {
                try await scene.server.command("XGROUP", "DESTROY", name.text, "billing")
                try await scene.publish(9, to: name)
            }
            for name in names {
                try await eventually("somebody else makes the group of \(name) again") {
                    _ = try await other.receive(1)
                    return try await scene.server.command("XINFO", "GROUPS", name.text).elements.count == 1
                }
            }
            let read = try await one.receive(100, wait: .seconds(5))
            #expect(!read.isEmpty)
            let extended = try await one.extend(read.map(\.receipt))
            #expect(extended.allSatisfy { if case .done = $0 { true } else { false } }, "\(extended)")
            let outcomes = try await one.settle(read, .retry(after: .zero))
            #expect(outcomes.allSatisfy { if case .done = $0 { true } else { false } }, "\(outcomes)")
        }
    }

    @Test(arguments: Loss.allCases) func whatWasInHandIsSettled(_ loss: Loss) async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            try await scene.publish(4)
            let held = try await subscription.receive(4, wait: .seconds(1))
            try await loss.strike(scene.server)
            let note = DeadLetterNote(reason: .rejected, error: "no", attempts: 1)
            let actions: [Settlement.Action] = [.ack, .retry(after: .zero), .renew, .deadLetter(note)]
            let outcomes = try await subscription.settle(zip(held, actions).map { Settlement($0.receipt, $1) })
            #expect(outcomes.allSatisfy { if case .settled = $0 { true } else { false } })
            let extended = try await subscription.extend(held.map(\.receipt))
            #expect(extended.allSatisfy { if case .settled = $0 { true } else { false } })
        }
    }

    @Test func somethingElseUnderTheKeyIsAnErrorUntilItIsGone() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            _ = try await subscription.receive(1)
            let before = scene.proxy.counts
            async let waiting = subscription.receive(5, wait: .seconds(5))
            try await scene.server.command("SET", "orders", "x")
            var error: BrokerError?
            do { _ = try await waiting } catch let failure { error = failure as? BrokerError }
            #expect(error?.code == .wrongType)
            #expect(error?.isRetryable == true)
            #expect(error?.message.contains("'orders'") == true)
            for _ in 0..<3 { _ = try? await subscription.receive(5, wait: .seconds(1)) }
            let sent = scene.commands(since: before)
            #expect(sent.values.reduce(0, +) < 20, "no hot loop: \(sent)")
            try await scene.server.command("DEL", "orders")
            let ids = try await scene.publish(1)
            #expect(try await scene.collect(1, from: subscription).map(\.receipt.id) == ids)
        }
    }

    @Test func aGroupThatIsLostAgainAndAgainIsNoHotLoop() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            _ = try await subscription.receive(1)
            let before = scene.proxy.counts
            let start = scene.now
            while scene.now - start < .seconds(2) {
                try await scene.server.command("DEL", "orders")
                _ = try await subscription.receive(1, wait: .milliseconds(20))
            }
            #expect(scene.log.lines.count <= 10, "\(scene.log.lines)")
            let sent = scene.commands(since: before)
            #expect(sent["EVALSHA", default: 0] < 20, "\(sent)")
            let ids = try await scene.publish(1)
            #expect(try await scene.collect(1, from: subscription).map(\.receipt.id) == ids)
        }
    }
}
