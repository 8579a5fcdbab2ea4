// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import RedisTestSupport
import RedisWire
import Testing

/// The set of streams of an earlier version is taken over, while processes of that version may still run.
///
/// All consumers here are of a user who may not look through all keys: what the sets lack, nobody finds.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(1))) struct FormerSetTests {
    private func withoutScan(_ body: (RedisScene) async throws -> Void) async throws {
        try await RedisScene.with { scene in
            try await scene.server.command("ACL", "SETUSER", "default", "-scan")
            try await body(scene)
        }
    }

    /// Publishes as a process of the earlier version does.
    private func publish(to stream: String, _ scene: RedisScene) async throws {
        try await scene.server.command("XADD", stream, "*", "data", "old")
        try await scene.server.command("SADD", "streams", stream)
    }

    private func members(_ key: String, _ scene: RedisScene) async throws -> Set<String> {
        Set(try await scene.server.command("SMEMBERS", key).elements.compactMap(\.string))
    }

    @Test func itsStreamsAreTakenOverOnce() {
        var former = FormerSet()
        let both = former.newcomers(["b", "a"])
        let isFirst = former.takeOver(["a"])
        #expect(both == ["a", "b"] && isFirst)
        let rest = former.newcomers(["b", "a"])
        let isFirstAgain = former.takeOver(["b"])
        #expect(rest == ["b"] && !isFirstAgain, "only the first ones are told")
        let none = former.newcomers(["b", "a"])
        #expect(none.isEmpty && former.isRead)
        let empty = former.newcomers([])
        #expect(empty.isEmpty && !former.isRead)
    }

    @Test func aPatternFindsTheStreamsOfProcessesBeforeAndBesideIt() async throws {
        try await withoutScan { scene in
            try await publish(to: "agent.before", scene)
            let subscription = try await scene.join("agent.*", visibility: .seconds(3))
            let before = try await scene.collect(1, from: subscription)
            #expect(before.map(\.receipt.stream) == ["agent.before"])
            try await publish(to: "agent.beside", scene)
            let beside = try await scene.collect(1, from: subscription, within: .seconds(20))
            #expect(beside.map(\.receipt.stream) == ["agent.beside"])
            try await eventually("both are in the new set") {
                try await members("~streams", scene) == ["agent.before", "agent.beside"]
            }
            #expect(try await members("streams", scene) == ["agent.before", "agent.beside"], "it is left alone")
            #expect(
                scene.log.lines.filter { $0.contains("taken over") } == [
                    "Streams were taken over from the set 'streams' of an earlier version; delete it (DEL streams) when "
                        + "no process of that version runs any more"
                ])
        }
    }

    @Test func aSetOfSomebodyElseIsReadAndNothingMore() async throws {
        try await withoutScan { scene in
            try await scene.server.command("SADD", "streams", "agent.text", "agent.nothing", "Danube")
            try await scene.server.command("SET", "agent.text", "no stream")
            let subscription = try await scene.join("agent.*", visibility: .seconds(3))
            try await scene.publish(1, to: "agent.ours")
            #expect(try await scene.collect(1, from: subscription).map(\.receipt.stream) == ["agent.ours"])
            #expect(try await members("~streams", scene) == ["agent.ours"])
            #expect(try await members("streams", scene) == ["agent.text", "agent.nothing", "Danube"])
            #expect(scene.log.lines.allSatisfy { !$0.contains("taken over") })
        }
    }

    @Test func aStreamMayHaveTheFormerNameOfTheSet() async throws {
        try await withoutScan { scene in
            let one = try await scene.join("streams")
            let all = try await scene.join("str*", as: "two")
            try await scene.publish(2, to: "streams")
            #expect(try await scene.collect(1, from: one, limit: 1).count == 1)
            #expect(try await scene.collect(1, from: all).map(\.receipt.stream) == ["streams"])
        }
    }
}
