// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import Synchronization
import Testing

struct NoCodec: MessageCodec {
    struct Unused: Error {}
    func encode<Value: Encodable>(_ value: Value) throws -> Payload { throw Unused() }
    func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value { throw Unused() }
}

@Suite(.timeLimit(.minutes(1))) struct EngineSmokeTests {
    @Test func handlesWhatIsPublished() async throws {
        let configuration = BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: "memory")],
            streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing")])])
        let registry = try BrokerRegistry(
            configuration: configuration, providers: [MemoryProviderFactory()], codec: NoCodec())
        let handled = Mutex(0)
        let done = WakeSignal()
        registry.handle("orders", group: "billing") { delivery in
            if handled.withLock({ $0 += 1; return $0 == 100 }) { done.raise() }
        }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await registry.run() }
            for number in 0..<100 { _ = try await registry.publish(Message("\(number)".utf8.map { $0 }), to: "orders") }
            await done.wait()
            registry.drain()
        }
        #expect(handled.withLock { $0 } == 100)
    }
}
