// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// A real server that refuses things for a while: what is asked again meanwhile uses no attempt.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct ObstacleAttemptsTests {
    /// What is set to bring the server to refuse, and its value then.
    @Test(arguments: ["maxmemory", "min-replicas-to-write"])
    func theNextLeaseAfterAnObstacleIsTheNextAttempt(_ setting: String) async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join()
            try await scene.publish(3)
            let messages = try await scene.collect(3, from: subscription)
            for _ in 0..<3 {
                try await scene.server.command("CONFIG", "SET", setting, "1")
                let error = await #expect(throws: BrokerError.self) {
                    try await subscription.settle(messages, .retry(after: .zero))
                }
                #expect(error?.isRetryable == true)
                try await scene.server.command("CONFIG", "SET", setting, "0")
            }
            #expect(try await subscription.settle(messages, .retry(after: .zero)).count == 3)
            try await scene.server.command("CONFIG", "SET", setting, "1")
            // Without memory leases are given all the same; without replicas they are not.
            var again: [InboundMessage] = []
            for _ in 0..<5 { again += (try? await subscription.receive(1)) ?? [] }
            try await scene.server.command("CONFIG", "SET", setting, "0")
            again += try await scene.collect(3 - again.count, from: subscription)
            #expect(again.map(\.attempt) == [2, 2, 2])
            _ = try await subscription.settle(again, .ack)
            #expect(try await scene.server.pendingCount("orders", "billing") == 0)
        }
    }
}
