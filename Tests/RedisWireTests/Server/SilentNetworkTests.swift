// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// A network that answers nothing holds nobody up for longer than the caller wants.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct SilentNetworkTests {
    enum Silence: CaseIterable {
        /// The name server does not answer.
        case names
        /// Packets that would open a connection vanish.
        case connects
        /// The server accepts, and says nothing.
        case greetings
    }

    @Test(arguments: Silence.allCases)
    func aLimitHoldsAndClosingEndsTheWait(_ silence: Silence) async throws {
        let hole = try BlackHole()
        try await ScriptedServer.with { _ in
            .silence
        } _: { server in
            let url = silence == .connects ? hole.url : "redis://127.0.0.1:\(server.port)"
            let link = try testLink(silence == .names ? "redis://server.example" : url) { options in
                options.connectTimeout = .seconds(60)
                if silence == .names { options.resolver = SilentResolver() }
            }
            let begin = ContinuousClock.now
            let late = await #expect(throws: RedisError.self) {
                try await link.connection(within: .milliseconds(200), isCancellable: false)
            }
            #expect(late?.code == .timeout && late?.effect == .notApplied && late?.isRetryable == true)
            let waiting = Task { try await link.connection(isCancellable: false) }
            try await Task.sleep(for: .milliseconds(200))
            await link.close()
            let error = await #expect(throws: RedisError.self) { try await waiting.value }
            #expect(error?.code == .closed)
            #expect(ContinuousClock.now - begin < .seconds(5))
        }
    }

    /// What the attacks build on.
    @Test(arguments: ProxyDirection.allCases)
    func whatALineLosesArrivesWhenItIsWholeAgain(_ direction: ProxyDirection) async throws {
        try await RedisServer.with { server in
            try await RedisProxy.with(before: server.port) { proxy in
                let connection = try await testLink(proxy.url).connection()
                proxy.lost = [direction]
                let pending = try connection.submit(RedisCommands("SET", "a", "1"), timeout: .seconds(20))
                try await Task.sleep(for: .milliseconds(200))
                #expect(pending.outcome == nil)
                let isStored = direction == .toClient
                #expect(try await server.command("EXISTS", "a").integer == (isStored ? 1 : 0))
                proxy.lost = []
                #expect(try await pending.reply().string == "OK")
            }
        }
    }

    @Test func connectsThatGetLostFindTheServerAgain() async throws {
        try await RedisServer.with { server in
            try await RedisProxy.with(before: server.port) { proxy in
                try await proxy.loseConnects(true)
                let lost = await #expect(throws: RedisError.self) {
                    try await testLink(proxy.url) { $0.connectTimeout = .milliseconds(300) }.connection()
                }
                #expect(lost?.message.hasPrefix("no answer from 127.0.0.1:") == true, "\(lost?.message ?? "none")")
                try await proxy.loseConnects(false)
                #expect(try await testLink(proxy.url).connection().isOpen)
            }
        }
    }

    /// What the attacks build on: a process that is being started may hold a port for a moment after it was closed.
    @Test func aPortInUseIsBoundWhenItIsFree() async throws {
        var holder: BlackHole? = try BlackHole()
        let port = try #require(holder?.port)
        var attempts = 0
        let hole = try await PortWait.untilFree {
            attempts += 1
            if attempts == 3 { holder = nil }
            return try BlackHole(port: port)
        }
        #expect(hole.port == port)
        #expect(attempts >= 3)
    }

    /// Nobody's cancellation ends the attempt of the others.
    @Test func whoIsCancelledLeavesTheAttemptToTheOthers() async throws {
        let answer = HeldAnswer()
        try await ScriptedServer.with {
            $0[0] == "PING" ? .held(answer) : nil
        } _: { server in
            let link = try testLink("redis://127.0.0.1:\(server.port)") { $0.connectTimeout = .seconds(60) }
            let first = Task { try await link.connection() }
            try await server.waitForCommands(3)
            async let second = link.connection(isCancellable: false)
            first.cancel()
            let error = await #expect(throws: RedisError.self) { try await first.value }
            #expect(error?.code == .cancelled)
            answer.give(.bytes("+PONG\r\n"))
            #expect(try await second.isOpen)
            #expect(server.received.count { $0 == ["PING"] } == 1)
        }
    }
}

/// Knows no name and does not say so.
private final class SilentResolver: Resolver, Sendable {
    private let asked = Mutex<[EventLoopPromise<[SocketAddress]>]>([])

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { ask() }
    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { ask() }

    func cancelQueries() {
        let asked = asked.withLock { asked in
            defer { asked = [] }
            return asked
        }
        for promise in asked { promise.fail(ChannelError.connectTimeout(.zero)) }
    }

    private func ask() -> EventLoopFuture<[SocketAddress]> {
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: [SocketAddress].self)
        asked.withLock { $0.append(promise) }
        return promise.futureResult
    }
}
