// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RedisWire
import Synchronization

/// A proxy between clients and a server that loses replies, cuts connections and refuses new ones, as a test says.
///
/// It knows where commands and replies begin and end, and which reply belongs to which command. A reply is passed on
/// when it is whole, so that one that is cut is cut where the test wants it.
package final class RedisProxy: Sendable {
    private struct State {
        var port = 0
        var connections = 0
        var arrivals: [ContinuousClock.Instant] = []
        var channels: [Int: any Channel] = [:]
        var lines: [Int: NIOLoopBound<ProxyConnection>] = [:]
        var listener: (any Channel)?
        var hole: BlackHole?
        var lost: Set<ProxyDirection> = []
        var isRefusing = false
        var faults: [ProxyFault] = []
        var strikes = 0
        var counts: [String: Int] = [:]
    }

    private let target: Int
    private let state = Mutex(State())

    private init(target: Int) {
        self.target = target
    }

    /// Runs `body` with a proxy in front of the server at a port of this machine.
    package static func with<Result>(
        before port: Int, _ body: (RedisProxy) async throws -> Result
    ) async throws -> Result {
        let proxy = RedisProxy(target: port)
        try await proxy.listen(at: 0)
        defer {
            proxy.state.withLock { $0.listener }?.close(promise: nil)
            proxy.cutConnections()
        }
        return try await body(proxy)
    }

    private func listen(at port: Int) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { self.accept($0) }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLock { state in
            state.listener = channel
            state.port = channel.localAddress?.port ?? 0
        }
    }

    /// Its URL by host and port.
    package var url: String { "redis://127.0.0.1:\(state.withLock { $0.port })" }

    /// How many commands of each name went through.
    package var counts: [String: Int] { state.withLock { $0.counts } }

    /// How many connections were accepted.
    package var connectionCount: Int { state.withLock { $0.connections } }

    /// When clients came, those too that were turned away.
    package var arrivals: [ContinuousClock.Instant] { state.withLock { $0.arrivals } }

    /// How many replies were struck by a fault.
    package var strikes: Int { state.withLock { $0.strikes } }

    /// Whether new connections are closed at once.
    package var isRefusing: Bool {
        get { state.withLock { $0.isRefusing } }
        set { state.withLock { $0.isRefusing = newValue } }
    }

    /// Adds a fault; of several the first that matches strikes.
    package func inject(
        _ effect: ProxyFault.Effect, skipping: Int = 0, times: Int = 1,
        where matches: @escaping @Sendable (ProxyExchange) -> Bool
    ) {
        let fault = ProxyFault(effect: effect, skipping: skipping, times: times, matches: matches)
        state.withLock { $0.faults.append(fault) }
    }

    /// Ends every connection.
    package func cutConnections() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    // MARK: Packets that get lost

    /// Which way packets get lost now. Connections stay open; as TCP sends again what was lost, it arrives when the line
    /// is whole again.
    package var lost: Set<ProxyDirection> {
        get { state.withLock { $0.lost } }
        set {
            let lines = state.withLock { state in
                state.lost = newValue
                return Array(state.lines.values)
            }
            for line in lines { line.eventLoop.execute { line.value.passOnWhatWaits() } }
        }
    }

    /// From now on packets that would open a connection get lost, or no longer.
    package func loseConnects(_ areLost: Bool) async throws {
        let (port, listener) = state.withLock { ($0.port, $0.listener) }
        if areLost {
            try await listener?.close()
            let hole = try await PortWait.untilFree { try BlackHole(port: port) }
            state.withLock { $0.hole = hole }
        } else {
            state.withLock { $0.hole = nil }
            try await PortWait.untilFree { try await self.listen(at: port) }
        }
    }

    // MARK: For its connections

    func note(_ command: [String]) {
        state.withLock { $0.counts[command.first?.uppercased() ?? "", default: 0] += 1 }
    }

    /// What becomes of a reply; `nil` if it is passed on.
    func effect(on exchange: ProxyExchange) -> ProxyFault.Effect? {
        state.withLock { state in
            for index in state.faults.indices where state.faults[index].strikes(exchange) {
                state.strikes += 1
                return state.faults[index].effect
            }
            return nil
        }
    }

    /// Connects a client with the server; the client is read only then.
    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        let number: Int? = state.withLock { state in
            state.arrivals.append(.now)
            if state.isRefusing { return nil }
            state.connections += 1
            state.channels[state.connections] = client
            return state.connections
        }
        guard let number else { return client.close() }
        let connection = NIOLoopBound(ProxyConnection(self, number, client), eventLoop: client.eventLoop)
        state.withLock { $0.lines[number] = connection }
        client.closeFuture.whenComplete { _ in
            self.state.withLock { state in
                state.channels[number] = nil
                state.lines[number] = nil
            }
        }
        return ClientBootstrap(group: client.eventLoop)
            .channelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(ProxyEnd(.server, connection.value))
                }
            }
            .connect(host: "127.0.0.1", port: target)
            .flatMapThrowing { server in
                connection.value.server = server
                try client.pipeline.syncOperations.addHandler(ProxyEnd(.client, connection.value))
            }
            .flatMap { client.setOption(.autoRead, value: true) }
            .flatMapError { error in
                client.close().flatMapThrowing { throw error }
            }
    }
}
