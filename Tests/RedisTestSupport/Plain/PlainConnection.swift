// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A connection that knows nothing of the product: it sends words and returns what the server says, redirects and
/// errors too.
package final class PlainConnection {
    /// Where a server listens.
    package enum Place: Sendable {
        /// A port of this machine.
        case port(Int)
        /// The path of a socket.
        case socket(String)
    }

    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var reader = PlainReader()

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Runs `body` with a connection, which ends with it, and in any case after `limit`.
    ///
    /// - Parameters:
    ///   - place: Where to connect.
    ///   - credentials: What AUTH is sent with, before anything else; nothing, and it is not sent.
    ///   - limit: How long the connection lives.
    package static func with<Result: Sendable>(
        _ place: Place, credentials: [String] = [], within limit: Duration = .seconds(10),
        _ body: (PlainConnection) async throws -> Result
    ) async throws -> Result {
        let channel = try await connect(place)
        let end = channel.channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { [raw = channel.channel] in
            raw.close(promise: nil)
        }
        defer { end.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            let connection = PlainConnection(inbound, outbound)
            if !credentials.isEmpty { try await connection.send([["AUTH"] + credentials]) }
            return try await body(connection)
        }
    }

    private static func connect(_ place: Place) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(2))
        let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
        }
        return switch place {
        case .port(let port): try await bootstrap.connect(host: "127.0.0.1", port: port, channelInitializer: wrap)
        case .socket(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
        }
    }

    /// Sends a command and returns the reply.
    @discardableResult
    package func command(_ words: String...) async throws -> PlainReply {
        try await send([words])[0]
    }

    /// Sends commands in one write and returns their replies in order.
    @discardableResult
    package func send(_ commands: [[String]]) async throws -> [PlainReply] {
        var bytes = ByteBuffer()
        for words in commands {
            bytes.writeString("*\(words.count)\r\n")
            for word in words { bytes.writeString("$\(word.utf8.count)\r\n\(word)\r\n") }
        }
        try await outbound.write(bytes)
        var replies: [PlainReply] = []
        for _ in commands { replies.append(try await next()) }
        return replies
    }

    /// Waits for what the server says next, such as a message of a channel.
    package func next() async throws -> PlainReply {
        while true {
            if let reply = reader.next() { return reply }
            guard let more = try await inbound.next(isolation: #isolation) else {
                throw RigFailure("the server closed the connection")
            }
            reader.add(more)
        }
    }
}
