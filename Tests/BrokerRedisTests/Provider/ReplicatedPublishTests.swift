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
import Testing

/// Publishes that wait for a real replica.
@Suite(.inRealTime, .timeLimit(.minutes(3))) struct ReplicatedPublishTests {
    private func error(_ results: [Result<PublishReceipt, BrokerError>]) -> BrokerError? {
        if case .failure(let error)? = results.first { error } else { nil }
    }

    @Test func aConfirmedMessageSaysByHowMany() async throws {
        try await ReplicaScene.with { scene in
            let receipts = try await scene.publish(("orders", "a"), ("notes", "b"), ("orders", "c")).map {
                try $0.get()
            }
            #expect(receipts.map(\.replicas) == [1, nil, 1])
            let once = try await scene.publish(("orders", "d"), id: "order-1")[0].get()
            #expect(once.replicas == 1)
            #expect(try await scene.stored(in: "orders", at: scene.replica) == ["a", "c", "d"])
        }
    }

    /// A replica that is not asked tells once a second what it has. Quiet, it takes a tenth of a millisecond.
    @Test func waitingCostsARoundTripToTheReplica() async throws {
        try await ReplicaScene.with { scene in
            var (plain, waiting): ([Duration], [Duration]) = ([], [])
            for number in 0..<400 {
                plain.append(try await timed { try await scene.publish(("notes", "\(number)"))[0].get() }.time)
                waiting.append(try await timed { try await scene.publish(("orders", "\(number)"))[0].get() }.time)
            }
            let difference = waiting.sorted()[200] - plain.sorted()[200]
            print("a publish takes \(plain.sorted()[200]), one that waits for a replica \(difference) more")
            #expect(difference < .milliseconds(250))
        }
    }

    @Test func aReplicaThatIsSilentIsToldAtTheTimeoutAndHoldsUpNobodyElse() async throws {
        try await ReplicaScene.with(timeout: .seconds(3)) { scene in
            _ = try await scene.publish(("orders", "0"))[0].get()
            let subscription = try await scene.provider.subscribe(
                SubscriptionRequest(.stream("notes"), group: "readers", consumer: "one"))
            for number in 0..<20 { _ = try await scene.publish(("notes", "\(number)"))[0].get() }
            let held = try await subscription.receive(ReceiveRequest(limit: 20, wait: .seconds(5))).messages
            try scene.replica.freeze()
            async let waiting = timed { await scene.publish(("orders", "1")) }
            var slowest = Duration.zero
            for message in held {
                let settled = try await timed { try await subscription.settle([Settlement(message.receipt, .ack)]) }
                let plain = try await timed { try await scene.publish(("notes", "between"))[0].get() }
                slowest = max(slowest, settled.time, plain.time)
            }
            let (results, time) = await waiting
            try scene.replica.thaw()
            let error = try #require(self.error(results))
            let id = try #require(error.receipt?.id)
            #expect(error.code == .underReplicated)
            #expect(error.effect == .unknown)
            #expect(error.receipt == PublishReceipt(id: id, replicas: 0))
            #expect(
                error.description
                    == "underReplicated: 'orders' stored the message as \(id), but within 3 s 0 of 1 replicas confirmed it; "
                    + "a failover may lose it: check the replicas, and publish it again only with an id")
            #expect(time >= .seconds(3))
            #expect(time < .seconds(5))
            #expect(slowest < .seconds(1))
            #expect(try await scene.stored(in: "orders", at: scene.primary) == ["0", "1"])
        }
    }

    /// The caller's time is over before that of the stream.
    @Test func theTimeOfTheCallIsKept() async throws {
        try await ReplicaScene.with(timeout: .seconds(60)) { scene in
            _ = try await scene.publish(("orders", "0"))[0].get()
            try scene.replica.freeze()
            let (results, time) = await timed { await scene.publish(("orders", "1"), limit: .seconds(1)) }
            try scene.replica.thaw()
            #expect(error(results)?.code == .underReplicated)
            #expect(time < .seconds(10))
        }
    }

    /// The repetition writes nothing new, and must not be taken for confirmed because of that.
    @Test func aRepetitionWaitsForTheMessageThatIsThere() async throws {
        try await ReplicaScene.with(timeout: .milliseconds(500)) { scene in
            _ = try await eventually("a replica that is there") {
                try? await scene.publish(("orders", "0"), id: "order-0")[0].get()
            }
            try scene.replica.freeze()
            let first = error(await scene.publish(("orders", "1"), id: "order-1"))
            let other = try ReplicaScene.provider(on: scene.primary, timeout: .milliseconds(500))
            let elsewhere = ReplicaScene(primary: scene.primary, replica: scene.replica, provider: other)
            _ = await elsewhere.publish(("notes", "x"))
            let second = error(await elsewhere.publish(("orders", "1"), id: "order-1"))
            try scene.replica.thaw()
            #expect(first?.code == .underReplicated)
            #expect(second?.receipt == first?.receipt.map { PublishReceipt(id: $0.id, isDuplicate: true, replicas: 0) })
            let third = try await eventually("a confirmation") {
                try? await elsewhere.publish(("orders", "1"), id: "order-1")[0].get()
            }
            #expect(third.isDuplicate)
            #expect(third.replicas == 1)
            await other.close()
            #expect(try await scene.stored(in: "orders", at: scene.replica) == ["0", "1"])
        }
    }

    @Test func aServerThatIsDemotedMeanwhileLeavesADoubt() async throws {
        try await ReplicaScene.with(timeout: .seconds(60)) { scene in
            _ = try await scene.publish(("orders", "0"))[0].get()
            try scene.replica.freeze()
            async let waiting = scene.publish(("orders", "1"))
            try await eventually("a publish that waits") {
                try await scene.primary.command("INFO", "clients").string?.contains("blocked_clients:1") == true
            }
            try await scene.primary.command("REPLICAOF", "127.0.0.1", "1")
            let error = try #require(self.error(await waiting))
            try scene.replica.thaw()
            #expect(error.effect == .unknown)
            #expect(error.isRetryable)
            #expect(error.receipt == nil)
        }
    }

    @Test func aServerThatCannotBeAskedLeavesADoubt() async throws {
        try await ScriptedServer.with { command in
            switch command[0] {
            case "XADD": .bytes("$3\r\n7-0\r\n")
            case "SADD": .bytes(":1\r\n")
            case "WAIT": .bytes("-ERR WAIT cannot be used with replica instances. Please also note that\r\n")
            default: nil
            }
        } _: { server in
            let policy = DurabilityPolicy(replicas: 2, timeout: .milliseconds(1500))
            let provider = try RedisStreamsProvider(
                RedisStreamsOptions(connection: RedisOptions(url: try RedisURL("redis://127.0.0.1:\(server.port)"))),
                streams: [StreamConfiguration("orders", durability: policy)], clock: TimeControl.real().clock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let results = await provider.publish(PublishBatch([.init(stream: "orders", message: Message("x"))]))
            #expect(
                error(results)?.message
                    == "could not wait for the replicas of 'orders', which has stored the message: "
                    + "ERR WAIT cannot be used with replica instances. Please also note that")
            #expect(error(results)?.effect == .unknown)
            #expect(error(results)?.isRetryable == true)
            #expect(server.received.last == ["WAIT", "2", "1500"])
            #expect(provider.consumerLimit == 60)
            #expect(provider.consumerAdvice.contains("the broker itself four"))
            await provider.close()
        }
    }

    /// The primary is killed while publishers wait, and the replica takes its place: what was confirmed is there.
    @Test func noConfirmedMessageIsLostWhenTheReplicaTakesOver() async throws {
        var (confirmed, lost, doubtful) = (0, 0, 0)
        for round in 0..<6 {
            try await ReplicaScene.with(timeout: .seconds(1)) { scene in
                let told = Counter()
                let ids = try await withThrowingTaskGroup(of: [MessageID].self) { group in
                    for publisher in 0..<4 {
                        group.addTask {
                            var ids: [MessageID] = []
                            for number in 0..<100_000 {
                                guard let result = await scene.publish(("orders", "\(publisher) \(number)")).first,
                                    case .success(let receipt) = result
                                else { break }
                                ids.append(receipt.id)
                                _ = told.add(1)
                            }
                            return ids
                        }
                    }
                    try await eventually("publishes") { told.value >= 200 + 50 * round }
                    await scene.primary.kill()
                    await scene.provider.endPublishing()
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                try await scene.replica.command("REPLICAOF", "NO", "ONE")
                let kept = try await scene.replica.command("XRANGE", "orders", "-", "+").elements
                    .compactMap { $0.elements[0]?.string }
                confirmed += ids.count
                lost += Set(ids.map(\.description)).subtracting(kept).count
                doubtful += max(0, kept.count - ids.count)
            }
        }
        print("confirmed \(confirmed), lost \(lost), there without being confirmed \(doubtful)")
        #expect(confirmed >= 1200)
        #expect(lost == 0)
    }
}
