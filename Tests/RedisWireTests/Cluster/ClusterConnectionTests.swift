// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// A connection to a cluster of scripted servers.
@Suite(.inRealTime) struct ClusterConnectionTests {
    private func texts(_ replies: RedisReplies) -> [String] { replies.map(text) }

    @Test func aBatchIsDividedAndItsRepliesStandInTheOrderOfTheCommands() async throws {
        try await ScriptedCluster.with { cluster in
            let router = try cluster.router()
            let replies = try await router.open().send(batch("a 1", "b 2", "a 3", "c 4"))
            #expect(texts(replies) == ["+1 1", "+0 2", "+1 3", "+0 4"])
            #expect(cluster.received(0).map { $0[2] } == ["2", "4"])
            #expect(cluster.questions == 1)
            await router.close()
        }
    }

    @Test func movedIsFollowedAndRemembered() async throws {
        try await ScriptedCluster.with { cluster, index, command in
            command[0] == "DO" && index == 0 ? cluster.refusal("MOVED", 3300, to: 1) : nil
        } _: { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            #expect(texts(try await connection.send(batch("b 1", "b 2"))) == ["+1 1", "+1 2"])
            #expect(texts(try await connection.send(batch("b 3"))) == ["+1 3"])
            #expect(cluster.received(0).count == 2)
            await router.close()
        }
    }

    @Test func askIsFollowedInOneWriteEachTime() async throws {
        try await ScriptedCluster.with { cluster, index, command in
            if command[0] == "ASKING" { return .bytes("+OK\r\n") }
            return command[0] == "DO" && index == 0 ? cluster.refusal("ASK", 3300, to: 1) : nil
        } _: { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            #expect(texts(try await connection.send(batch("b 1", "b 2"))) == ["+1 1", "+1 2"])
            #expect(cluster.received(1) == [["ASKING"], ["DO", "b", "1"], ["ASKING"], ["DO", "b", "2"]])
            #expect(texts(try await connection.send(batch("b 3"))) == ["+1 3"])
            #expect(cluster.received(0).count == 3)
            await router.close()
        }
    }

    @Test func aNodeThatCannotNowIsAskedUntilTheTimeOfTheCallIsOver() async throws {
        let refusals = Mutex(6)
        try await ScriptedCluster.with { _, _, command in
            guard command[0] == "DO" else { return nil }
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0 || command[1] == "c"
            }
            return isRefused ? .bytes("-CLUSTERDOWN The cluster is down\r\n") : nil
        } _: { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            #expect(texts(try await connection.send(batch("b 1"))) == ["+0 1"])
            let late = try await connection.submit(batch("c 1"), timeout: .milliseconds(200)).replies()
            #expect(texts(late) == ["-CLUSTERDOWN The cluster is down"])
            await router.close()
        }
    }

    @Test func whatIsNotCarriedOutIsSentAgainForLongerThanANodeMayBeSilent() async throws {
        let isDown = Mutex(true)
        try await ScriptedCluster.with { _, index, command in
            guard command[0] == "DO", index == 0, isDown.withLock({ $0 }) else { return nil }
            return .bytes("-CLUSTERDOWN The cluster is down\r\n")
        } _: { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            for node in connection.nodes { _ = try await connection.connection(to: node) }
            let short = try connection.submit(batch("b 1"), timeout: .seconds(1))
            let patient = try connection.submit(batch("b 2"), timeout: .seconds(1), patience: .seconds(60))
            #expect(texts(try await short.replies()) == ["-CLUSTERDOWN The cluster is down"])
            #expect(patient.outcome == nil)
            isDown.withLock { $0 = false }
            #expect(texts(try await patient.replies()) == ["+0 2"])
            await router.close()
        }
    }

    @Test func aNodeThatNeverAnswersHoldsUpItsOwnCallsOnly() async throws {
        try await ScriptedCluster.with { _, index, command in
            command[0] == "DO" && index == 0 ? .silence : nil
        } _: { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            for node in connection.nodes { _ = try await connection.connection(to: node) }
            let stuck = try connection.submit(batch("b 1"), timeout: .seconds(5))
            for number in 0..<100 {
                #expect(texts(try await connection.send(batch("a \(number)"))) == ["+1 \(number)"])
            }
            #expect(stuck.outcome == nil)
            let error = await #expect(throws: RedisError.self) { try await stuck.replies() }
            #expect(error?.code == .timeout)
            #expect(error?.effect == .unknown)
            #expect(cluster.received(0).count == 1)
            await router.close()
        }
    }

    @Test func aLostNodeLeavesAnErrorInThePlacesOfItsCommands() async throws {
        try await ScriptedCluster.with { _, index, command in
            command[0] == "DO" && index == 0 ? .cut("") : nil
        } _: { cluster in
            let router = try cluster.router()
            let replies = try await router.open().send(batch("b 1", "a 2"))
            #expect(replies[1].map(text) == "+1 2")
            let error = try #require(replies[0]?.error)
            #expect(error.reaction == .backOff)
            #expect(RedisError(error).code == .connection)
            #expect(RedisError(error).effect == .unknown)
            #expect(RedisError(error).message == "the connection was lost")
            #expect(cluster.received(0).count == 1)
            await router.close()
        }
    }

    @Test func aNodeThatNamesItselfIsConnectedToAnew() async throws {
        let isFirst = Mutex(true)
        try await ScriptedCluster.with { cluster, index, command in
            guard command[0] == "DO", index == 0 else { return nil }
            let answers = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            return answers ? cluster.refusal("MOVED", 3300, to: 0) : nil
        } _: { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            #expect(texts(try await connection.send(batch("b 1"))) == ["+0 1"])
            // One for the map, and two for the commands.
            #expect(cluster.connections(0) == 3)
            await router.close()
        }
    }

    @Test func aScriptThatItsNodeHasForgottenIsSentToThatNodeAgain() async throws {
        try await ScriptedCluster.with { _, index, command in
            switch command[0] {
            case "EVALSHA": index == 0 ? .bytes("-NOSCRIPT No matching script.\r\n") : .bytes("+known\r\n")
            case "EVAL": .bytes("+loaded \(index)\r\n")
            default: nil
            }
        } _: { cluster in
            let router = try cluster.router()
            var calls = ScriptCalls()
            for key in ["b", "a", "b"] {
                calls.begin(RedisScript("return 1"), for: .key(key), keys: 1, arguments: 0)
                calls.add(key)
            }
            let replies = try await router.open().run(calls)
            #expect(replies.map(text) == ["+loaded 0", "+known", "+loaded 0"])
            await router.close()
        }
    }

    @Test func closingEndsCallsThatWait() async throws {
        try await ScriptedCluster.with { _, _, command in
            command[0] == "DO" ? .bytes("-TRYAGAIN keys are split\r\n") : nil
        } _: { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            let waiting = try connection.submit(batch("b 1"), timeout: .seconds(600))
            try await eventually("a command that was sent again") { cluster.received(0).count > 1 }
            await router.close()
            #expect(texts(try await waiting.replies()) == ["-TRYAGAIN keys are split"])
            #expect(!connection.isOpen)
            let error = #expect(throws: RedisError.self) { try connection.submit(batch("b 1")) }
            #expect(error?.code == .closed)
        }
    }

    @Test func whatIsHeldIsBounded() async throws {
        try await ScriptedCluster.with { _, _, command in
            command[0] == "DO" ? .silence : nil
        } _: { cluster in
            let router = try cluster.router { $0.byteBound = 60 }
            let connection = try await router.open()
            _ = try connection.submit(batch("b 1"))
            _ = try connection.submit(batch("a 1"))
            let error = #expect(throws: RedisError.self) { try connection.submit(batch("b 1")) }
            #expect(error?.code == .overloaded)
            await router.close()
        }
    }

    @Test func aCallerHasTheConnectionToEachNode() async throws {
        try await ScriptedCluster.with { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            #expect(connection.nodes.count == 2)
            var answers: [String] = []
            for node in connection.nodes {
                let own = try await connection.connection(to: node)
                answers += texts(try await own.send(RedisCommands("GET", "x", for: .everyPrimary)))
            }
            #expect(answers == ["+0 x", "+1 x"])
            #expect(connection.node(of: "b") == connection.nodes[0])
            let own = try await connection.connection(to: connection.node(of: "b"))
            #expect(connection.openConnection(to: connection.node(of: "b")) === own)
            await router.close()
        }
    }
}

/// When the map is asked for.
@Suite(.inRealTime) struct ClusterMapTests {
    @Test func connectionsOfOneProviderShareIt() async throws {
        try await ScriptedCluster.with { cluster in
            let options = try RedisOptions(url: RedisURL("redis+cluster://127.0.0.1:\(cluster.ports[0])"))
            let routers = try (0..<5).map { _ in
                try clusterRouter("redis+cluster://127.0.0.1:\(cluster.ports[0])") { $0.cluster = options.cluster }
            }
            for router in routers { _ = try await router.open().send(batch("b 1")) }
            #expect(cluster.questions == 1)
            for router in routers { await router.close() }
        }
    }

    @Test func aStormOfRedirectionsLeadsToFewQuestions() async throws {
        try await ScriptedCluster.with { cluster, index, command in
            command[0] == "DO" ? cluster.refusal("MOVED", 3300, to: 1 - index) : nil
        } _: { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            let start = ContinuousClock.now
            let calls = try (0..<50).map { _ in try connection.submit(batch("b 1"), timeout: .seconds(1)) }
            for call in calls { #expect(try await call.replies()[0]?.error?.redirection?.slot == 3300) }
            // The two nodes are asked together, each time after 200 ms at the soonest.
            let rounds = (ContinuousClock.now - start) / .milliseconds(200) + 2
            #expect(Double(cluster.questions) <= 2 * rounds)
            #expect(cluster.received(0).count + cluster.received(1).count < 50 * 30)
            await router.close()
        }
    }

    @Test func aNodeThatHasLeftTheMapIsLeftAfterAWhile() async throws {
        try await ScriptedCluster.with { cluster, index, command in
            command[0] == "DO" && index == 0 && command[2] == "move" ? cluster.refusal("MOVED", 3300, to: 1) : nil
        } _: { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            _ = try await connection.send(batch("b 1"))
            let node = connection.node(of: "b")
            #expect(connection.openConnection(to: node) != nil)
            cluster.setOwners([1, 1])
            _ = try await connection.send(batch("b move"))
            try await eventually("the end of its connection") { connection.openConnection(to: node) == nil }
            await router.close()
        }
    }

    @Test func askingForTheMapReturnsWhenItIsThere() async throws {
        try await ScriptedCluster.with { cluster in
            let router = try cluster.router()
            let connection = try await router.open()
            cluster.setOwners([1, 1])
            #expect(connection.node(of: "b") != connection.node(of: "a"))
            await connection.askForMap()
            #expect(connection.node(of: "b") == connection.node(of: "a"))
            let report = try #require(connection.clusterReport)
            #expect([report.primaries, report.replicas, report.doubtfulSlots, Int(report.epoch)] == [1, 0, 0, 1])
            #expect(report.age ?? .seconds(60) < .seconds(30))
            await router.close()
        }
    }

    @Test(arguments: [
        (
            "-ERR This instance has cluster support disabled\r\n", RedisError.Code.configuration,
            "the server at 127.0.0.1:PORT is no node of a cluster; write redis:// in 'url' in place of redis+cluster://"
        ),
        (
            "*0\r\n", .connection,
            "no node of the cluster of 127.0.0.1:PORT can be asked which node has which slot; the last one: "
                + "127.0.0.1:PORT knows no slot of a cluster; has the cluster been made?"
        ),
        (
            "*1\r\n*2\r\n:0\r\n:99999\r\n", .malformedReply,
            "127.0.0.1:PORT does not say which node of its cluster has which slot"
        ),
        ("-NOPERM this user has no permissions\r\n", .server, "NOPERM this user has no permissions"),
    ])
    func aServerThatTellsNoMapIsNoCluster(answer: String, code: RedisError.Code, text: String) async throws {
        try await ScriptedServer.with { command in
            command[0] == "CLUSTER" ? .bytes(answer) : nil
        } _: { server in
            let router = try clusterRouter("redis+cluster://127.0.0.1:\(server.port)")
            let error = await #expect(throws: RedisError.self) {
                try await router.connection(for: RedisRoutes(.anyNode))
            }
            #expect(error?.code == code)
            #expect(error?.effect == .notApplied)
            #expect(error?.message == text.replacing("PORT", with: "\(server.port)"))
            await router.close()
        }
    }

    @Test func withoutAServerTheErrorSaysWhatToCheck() async throws {
        let router = try clusterRouter("redis+cluster://127.0.0.1:1,127.0.0.1:2")
        let error = await #expect(throws: RedisError.self) { try await router.connection(for: RedisRoutes(.anyNode)) }
        #expect(error?.code == .connection)
        let texts = [1, 2].map {
            "no node of the cluster of 127.0.0.1:1,127.0.0.1:2 can be asked which node has which slot; the last one: "
                + "no server at 127.0.0.1:\($0) (connection refused); is it running, is the address right?"
        }
        #expect(texts.contains(error?.message ?? ""))
        await router.close()
    }
}
