// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// A message that goes on to another stream, by the provider's own verb.
    @Suite struct LostForward {
        @Test(arguments: LostReplies.places) func publishesOnceWhenTheReplyIsLost(perMille: Int) async throws {
            try await RedisServer.with { server in
                try await RedisProxy.with(before: server.port) { proxy in
                    let options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(proxy.url)))
                    let provider = try RedisStreamsProvider(
                        options, clock: EngineThread.shared, logger: Logger(label: "attack"))
                    try await forward(by: provider, server, proxy, perMille)
                    await provider.close()
                    #expect(proxy.strikes == 1)
                    #expect(try await server.command("XLEN", "there").integer == 2)
                    #expect(try await server.pendingCount("work", "crew") == 0)
                }
            }
        }

        /// Loses the reply, and sends the same settlement again as the engine does.
        private func forward(
            by provider: RedisStreamsProvider, _ server: RedisServer, _ proxy: RedisProxy, _ perMille: Int
        ) async throws {
            let subscription = try await provider.subscribe(
                SubscriptionRequest(.stream("work"), group: "crew", consumer: "one"))
            try await server.publish(["a"], to: "work")
            let received = try await subscription.receive(ReceiveRequest(limit: 1, wait: .seconds(5)))
            let receipt = try #require(received.messages.first?.receipt)
            let messages = [Message(Array("b".utf8)), Message(Array("c".utf8))]
            let settlement = Settlement(receipt, .forward(messages, to: "there"))
            proxy.inject(.cut(perMille: perMille)) { $0.isCall(of: RedisScripts.forward) }
            let error = await #expect(throws: BrokerError.self) { try await subscription.settle([settlement]) }
            #expect(error?.isRetryable == true && error?.effect == .unknown)
            let outcomes = try await subscription.settle([settlement])
            guard case .settled = outcomes.first else {
                Issue.record("the repetition was answered \(outcomes)")
                return
            }
        }
    }
}
