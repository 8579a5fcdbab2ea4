// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0
import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// A publish that waits for a replica, while its slot gets another node. WAIT counts what its connection has written: any
/// other one answers at once, and proves nothing.
@Suite(.inRealTime) struct ReplicaWaitOnClusterTests {
    @Test func theConnectionThatHasWrittenIsAsked() async throws {
        try await WanderingStream.with(staysOpen: true) { stream in
            let receipt = try await stream.publish().get()
            #expect(receipt.replicas == 1)
            #expect(stream.asked == [1, 0])
        }
    }

    @Test func aConnectionThatIsGoneConfirmsNothing() async throws {
        try await WanderingStream.with(staysOpen: false) { stream in
            guard case .failure(let error) = try await stream.publish() else {
                Issue.record("nobody has confirmed the message")
                return
            }
            #expect(error.effect == .unknown)
            #expect(
                error.message.hasPrefix("could not wait for the replicas of 'orders', which has stored the message"))
            #expect(stream.asked == [0, 0])
        }
    }
}

/// Two scripted nodes. The first one stores the message, and refuses what comes behind it in the same write, since all
/// slots have moved to the second one. That one answers when the provider has learnt it.
private final class WanderingStream: Sendable {
    private let owner = Mutex(0)
    /// The place of the stream before its slot moved.
    private let former = Mutex<Int?>(nil)
    private let isQueueing = Mutex(false)
    private let ports = Mutex([0, 0])
    private let servers = Mutex<[ScriptedServer]>([])
    private let added = HeldAnswer()
    private let staysOpen: Bool
    private let provider = Mutex<RedisStreamsProvider?>(nil)

    private init(staysOpen: Bool) { self.staysOpen = staysOpen }

    static func with(staysOpen: Bool, _ body: (WanderingStream) async throws -> Void) async throws {
        let stream = WanderingStream(staysOpen: staysOpen)
        try await ScriptedServer.with {
            stream.answer(0, $0)
        } _: { first in
            try await ScriptedServer.with {
                stream.answer(1, $0)
            } _: { second in
                stream.ports.withLock { $0 = [first.port, second.port] }
                stream.servers.withLock { $0 = [first, second] }
                let url = "redis+cluster://127.0.0.1:\(first.port)"
                let provider = try RedisStreamsProvider(
                    RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(url))),
                    streams: [StreamConfiguration("orders", durability: DurabilityPolicy(replicas: 1))],
                    clock: TimeControl.real().clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                stream.provider.withLock { $0 = provider }
                try await body(stream)
                await provider.close()
            }
        }
    }

    /// How often each node was asked for its replicas.
    var asked: [Int] {
        servers.withLock { $0 }.map { $0.received.count { $0[0] == "WAIT" } }
    }

    func publish() async throws -> Result<PublishReceipt, BrokerError> {
        guard let provider = provider.withLock({ $0 }) else { return .failure(BrokerError(.closed, "no provider")) }
        // Makes the connection by which the place of a stream is told.
        for result in await provider.publish(PublishBatch([.init(stream: "notes", message: Message("x"))])) {
            _ = try result.get()
        }
        async let results = provider.publish(PublishBatch([.init(stream: "orders", message: Message("x"))]))
        try await eventually("the new node is known") {
            let former = self.former.withLock { $0 }
            return former != nil && former != provider.place(of: "orders")
        }
        added.give(.bytes(":1\r\n"))
        return await results.first ?? .failure(BrokerError(.closed, "no result"))
    }

    private func answer(_ index: Int, _ command: [String]) -> ScriptedServer.Answer? {
        switch command[0] {
        case "CLUSTER": command[1] == "SLOTS" ? .bytes(slots) : .bytes("$23\r\ncluster_current_epoch:\(epoch)\r\n")
        case "MULTI": begin()
        case "XADD": isQueueing.withLock { $0 } ? .bytes("+QUEUED\r\n") : .bytes("$3\r\n7-0\r\n")
        case "EXEC": end()
        case "SADD" where command.last != "orders": .bytes(":1\r\n")
        case "SADD": index == 0 ? moved(command[1]) : .held(added)
        case "WAIT": .bytes(":1\r\n")
        default: nil
        }
    }

    private func begin() -> ScriptedServer.Answer {
        isQueueing.withLock { $0 = true }
        return .bytes("+OK\r\n")
    }

    private func end() -> ScriptedServer.Answer {
        isQueueing.withLock { $0 = false }
        return .bytes("*1\r\n$3\r\n7-0\r\n")
    }

    private func moved(_ key: String) -> ScriptedServer.Answer {
        former.withLock { $0 = provider.withLock { $0 }?.place(of: "orders") }
        owner.withLock { $0 = 1 }
        let text = "-MOVED \(RedisSlot(of: key).number) 127.0.0.1:\(ports.withLock { $0[1] })\r\n"
        return staysOpen ? .bytes(text) : .cut(text)
    }

    private var epoch: Int { owner.withLock { $0 } + 1 }

    /// One node has every slot.
    private var slots: String {
        let index = owner.withLock { $0 }
        return
            "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:\(ports.withLock { $0[index] })\r\n$2\r\nn\(index)\r\n"
    }
}
