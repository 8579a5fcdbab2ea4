// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// A wire between clients and a server that keeps what clients send, and understands none of it.
package final class ByteTap: Sendable {
    private let target: Int
    private let taken = Mutex<[UInt8]>([])
    private let listening = Mutex<Int>(0)

    private init(target: Int) {
        self.target = target
    }

    /// Runs `body` with a tap in front of the server at a port of this machine.
    package static func with<Result>(
        before port: Int, _ body: (ByteTap) async throws -> Result
    ) async throws -> Result {
        let tap = ByteTap(target: port)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { tap.accept($0) }
            .bind(host: "127.0.0.1", port: 0).get()
        tap.listening.withLock { $0 = channel.localAddress?.port ?? 0 }
        defer { channel.close(promise: nil) }
        return try await body(tap)
    }

    /// Where it listens.
    package var port: Int { listening.withLock { $0 } }

    /// What clients have sent.
    package var bytes: [UInt8] { taken.withLock { $0 } }

    /// Connects a client with the server; the client is read only then.
    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        ClientBootstrap(group: client.eventLoop)
            .channelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(TapEnd(client) { _ in })
                }
            }
            .connect(host: "127.0.0.1", port: target)
            .flatMapThrowing { server in
                try client.pipeline.syncOperations.addHandler(
                    TapEnd(server) { bytes in self.taken.withLock { $0 += bytes.readableBytesView } })
            }
            .flatMap { client.setOption(.autoRead, value: true) }
    }
}

/// One of the two sockets; passes everything on to the other.
private final class TapEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let peer: any Channel
    private let note: (ByteBuffer) -> Void

    init(_ peer: any Channel, _ note: @escaping (ByteBuffer) -> Void) {
        self.peer = peer
        self.note = note
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        note(bytes)
        peer.writeAndFlush(bytes, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        peer.close(promise: nil)
    }
}
