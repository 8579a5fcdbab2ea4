// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// Sharded channels over two servers that say what a test wants.
///
/// The slot of `bar` is 5061, that of `foo` is 12182.
@Suite(.inRealTime) struct ShardLinksTests {
    private static func confirmation(_ command: [String]) -> ScriptedServer.Answer? {
        command[0] == "SSUBSCRIBE" ? .bytes(ShardedChannelTests.frame("ssubscribe", command[1])) : nil
    }

    private static func message(_ channel: String, _ payload: String) -> String {
        "*3\r\n$8\r\nsmessage\r\n$\(channel.utf8.count)\r\n\(channel)\r\n$\(payload.utf8.count)\r\n\(payload)\r\n"
    }

    /// Runs `body` with links to two servers; every slot is the first one's, as far as the map knows.
    private static func with(
        room: Int = .max, connectTimeout: Duration = .seconds(20),
        first: @escaping @Sendable ([String], Int) -> ScriptedServer.Answer?,
        second: @escaping @Sendable ([String]) -> ScriptedServer.Answer? = confirmation,
        _ body: (ShardLinks<TwoNodes>, TwoNodes, PushNotes, [ScriptedServer]) async throws -> Void
    ) async throws {
        let other = Mutex(0)
        try await ScriptedServer.with(answer: second) { secondServer in
            other.withLock { $0 = secondServer.port }
            try await ScriptedServer.with { command in
                first(command, other.withLock { $0 })
            } _: { firstServer in
                let nodes = TwoNodes(firstServer.port, secondServer.port)
                let notes = PushNotes(room: room)
                var options = RedisOptions(url: try RedisURL("redis://127.0.0.1:\(firstServer.port)"))
                options.connectTimeout = connectTimeout
                let links = try ShardLinks(
                    options, directory: nodes, logger: Logger(label: "shards") { _ in SwiftLogNoOpLogHandler() },
                    receiver: notes)
                try await body(links, nodes, notes, [firstServer, secondServer])
                await links.close()
            }
        }
    }

    @Test func aSlotThatLeavesIsFollowedToWhereTheNodeSays() async throws {
        let asked = Mutex(0)
        try await Self.with { command, other in
            guard command[0] == "SSUBSCRIBE" else { return nil }
            let isFirst = asked.withLock { asked in
                asked += 1
                return asked == 1
            }
            return .bytes(
                isFirst
                    ? ShardedChannelTests.frame("ssubscribe", "bar") + Self.message("bar", "1")
                        + ShardedChannelTests.frame("sunsubscribe", "bar") + Self.message("bar", "late")
                    : "-MOVED 5061 127.0.0.1:\(other)\r\n")
        } second: { command in
            guard command[0] == "SSUBSCRIBE" else { return nil }
            return .bytes(ShardedChannelTests.frame("ssubscribe", command[1]) + Self.message("bar", "2"))
        } _: { links, nodes, notes, servers in
            try await links.subscribe(.shard("bar"))
            try await eventually("the message of the new node") { notes.lines.count == 2 }
            #expect(notes.lines == ["bar=1", "bar=2"])
            #expect(links.report.gaps == 1 && links.report.confirmed == 1)
            #expect(nodes.noted == ["MOVED 5061 127.0.0.1:\(servers[1].port)"])
            #expect(servers[1].received.count { $0[0] == "SSUBSCRIBE" } == 1)
        }
    }

    @Test func theMapThatIsWrongFromTheStartCostsOneMoreQuestion() async throws {
        try await Self.with { command, other in
            command[0] == "SSUBSCRIBE" ? .bytes("-MOVED 5061 127.0.0.1:\(other)\r\n") : nil
        } _: { links, _, _, servers in
            try await links.subscribe(.shard("bar"))
            #expect(links.report.gaps == 0)
            #expect(servers.map { $0.received.count { $0[0] == "SSUBSCRIBE" } } == [1, 1])
        }
    }

    /// The connection breaks, and the map knows of another node half a second later.
    @Test func aNodeThatIsLostIsReplacedByWhomTheMapNames() async throws {
        let asked = Mutex(0)
        try await Self.with { command, _ in
            if command[0] == "PING", asked.withLock({ $0 }) > 0 { return .cut("") }
            guard command[0] == "SSUBSCRIBE" else { return nil }
            asked.withLock { $0 += 1 }
            return command[1] == "bar" ? Self.confirmation(command) : .cut("")
        } _: { links, nodes, notes, _ in
            try await links.subscribe(.shard("bar"))
            async let joining: Void = links.subscribe(.shard("foo"))
            try await eventually("the loss is noticed") { links.report.gaps == 1 }
            nodes.move(to: 1)
            try await joining
            try await eventually("both are found") { links.report.confirmed == 2 }
            #expect(links.report.gaps == 1)
            #expect(notes.lines.isEmpty)
        }
    }

    /// Such a node accepts connections and says nothing, as a stopped process does.
    @Test func aNodeThatIsSilentIsReplacedByWhomTheMapNames() async throws {
        try await Self.with { _, _ in
            .silence
        } _: { links, nodes, _, _ in
            async let joining: Void = links.subscribe(.shard("bar"))
            try await eventually("the map is doubted") { nodes.doubts > 1 }
            nodes.move(to: 1)
            let start = ContinuousClock.now
            try await joining
            let time = ContinuousClock.now - start
            #expect(time < .seconds(5))
            #expect(links.report.confirmed == 1 && links.report.gaps == 0)
        }
    }

    @Test func aRightThatIsMissingIsToldAtOnce() async throws {
        try await Self.with { command, _ in
            command[0] == "SSUBSCRIBE" ? .bytes("-NOPERM no\r\n") : nil
        } _: { links, _, _, _ in
            let error = await #expect(throws: RedisError.self) { try await links.subscribe(.shard("bar")) }
            #expect(error?.serverError?.reaction == .alarm)
            #expect(links.report.topics == 0)
        }
    }

    @Test func whoIsNotConfirmedInTimeIsToldWhy() async throws {
        try await Self.with(connectTimeout: .seconds(2)) { command, _ in
            command[0] == "SSUBSCRIBE" ? .bytes("-CLUSTERDOWN The cluster is down\r\n") : nil
        } _: { links, _, _, servers in
            let error = await #expect(throws: RedisError.self) { try await links.subscribe(.shard("bar")) }
            #expect(error?.message == "CLUSTERDOWN The cluster is down")
            #expect(links.report.topics == 0)
            #expect(servers[0].received.count { $0[0] == "SSUBSCRIBE" } > 1)
        }
    }

    @Test func aReceiverWithoutRoomIsLeftAloneUntilItSays() async throws {
        try await Self.with(room: 1) { command, _ in
            guard command[0] == "SSUBSCRIBE" else { return nil }
            let frame = ShardedChannelTests.frame("ssubscribe", "bar")
            return .bytes(frame + Self.message("bar", "1") + Self.message("bar", "2"))
        } _: { links, _, notes, servers in
            try? await links.subscribe(.shard("bar"))
            try await eventually("it is paused") { links.report.isPaused }
            #expect(notes.lines == ["bar=1", "bar=2"])
            #expect(links.report.gaps == 1)
            links.resume()
            try await eventually("asked again") { servers[0].received.count { $0[0] == "SSUBSCRIBE" } == 2 }
        }
    }

    @Test func aCancelledCallerGivesItsChannelBack() async throws {
        try await Self.with { command, _ in
            command[0] == "SSUBSCRIBE" ? .silence : nil
        } _: { links, _, _, servers in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await links.subscribe(.shard("bar")) }
                try await servers[0].waitForCommands { $0.contains { $0[0] == "SSUBSCRIBE" } }
                group.cancelAll()
                let error = await #expect(throws: RedisError.self) { try await group.next() }
                #expect(error?.code == .cancelled)
            }
            #expect(links.report.topics == 0)
        }
    }

    @Test func closedLinksRefuse() async throws {
        try await Self.with { command, _ in
            Self.confirmation(command)
        } _: { links, _, _, _ in
            try await links.subscribe(.shard("bar"))
            await links.close()
            let error = await #expect(throws: RedisError.self) { try await links.subscribe(.shard("bar")) }
            #expect(error?.code == .closed)
        }
    }
}

/// A map of two nodes, which are told apart by their ports.
private final class TwoNodes: ShardDirectory {
    private struct State {
        var owner: Int
        var noted: [String] = []
        var doubts = 0
    }

    private let ports: [Int]
    private let state: Mutex<State>

    init(_ ports: Int...) {
        self.ports = ports
        state = Mutex(State(owner: ports[0]))
    }

    var noted: [String] { state.withLock { $0.noted } }
    var doubts: Int { state.withLock { $0.doubts } }

    /// Every slot is this node's from now on.
    func move(to node: Int) {
        state.withLock { $0.owner = ports[node] }
    }

    func owner(of slot: RedisSlot) -> Int? {
        state.withLock { $0.owner }
    }

    func note(_ error: ServerError, by node: Int) -> Int? {
        guard error.text.hasPrefix("MOVED ") else { return nil }
        let words = error.text.split(separator: " ")
        let owner = words[2].split(separator: ":").last.flatMap { Int($0) }
        state.withLock { state in
            state.noted.append(error.text)
            state.owner = owner ?? state.owner
        }
        return owner
    }

    func doubt() {
        state.withLock { $0.doubts += 1 }
    }

    func contains(_ node: Int) -> Bool { true }

    func place(of node: Int) -> (address: RedisAddress, certificateName: String?) {
        (.host("127.0.0.1", port: node), nil)
    }
}
