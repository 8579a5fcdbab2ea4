// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

/// How sockets to a server are opened, whatever protocol runs on them.
extension ClientBootstrap {
    /// Returns a bootstrap with the options' timeout. `fill` gets each socket before it is connected.
    static func make(
        _ options: RedisOptions,
        _ fill: @escaping @Sendable (any Channel) throws -> Void
    ) -> ClientBootstrap {
        let bootstrap = ClientBootstrap(group: options.loop.eventLoop)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .resolver(options.resolver)
            // hiredis is fed in slices anyway, so a few large reads are cheaper than many small ones.
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 4096, maximum: 1 << 20)
            )
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try fill(channel) } }
        guard case .server(.host) = options.url.place else { return bootstrap }
        return KeepAlive.options.reduce(bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)) {
            $0.channelOption($1.option, value: $1.value)
        }
    }

    /// Connects to a host, whose name is resolved again, or to a socket.
    func connect(_ options: RedisOptions) -> EventLoopFuture<any Channel> {
        switch options.url.place {
        case .server(.host(let host, let port)): connect(host: host, port: port)
        case .server(.socket(let path)): connect(unixDomainSocketPath: path)
        case .sentinels, .cluster: options.loop.eventLoop.makeFailedFuture(RedisError.severalServers(options.url))
        }
    }
}

/// Socket options by which the kernel notices that the other end is gone while no reply is due: after 30 s of silence
/// it sends three probes, 10 s apart. While a reply is due, our own timeout holds.
enum KeepAlive {
    static let options: [(option: ChannelOptions.Types.SocketOption, value: Int)] = {
        let base = [(ChannelOptions.Types.SocketOption(level: .socket, name: .so_keepalive), 1)]
        #if os(Linux)
            // TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT by number: NIO has no names for them.
            let linux: [(CInt, Int)] = [(4, 30), (5, 10), (6, 3)]
            return base + linux.map { (.init(level: .tcp, name: .init(rawValue: $0)), $1) }
        #else
            return base
        #endif
    }()
}

/// Makes the handler that encrypts. Nothing reaches the socket before the server's certificate was accepted.
enum TLSHandler {
    static func make(_ options: RedisOptions, _ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        let name = options.tls.serverName ?? hostName(options.url.place)
        return try NIOSSLClientHandler(context: context, serverHostname: name)
    }

    /// Returns the host if it is a name. An address is not sent as SNI, but compared with the certificate's addresses.
    private static func hostName(_ place: RedisPlace) -> String? {
        guard case .server(.host(let host, _)) = place, (try? SocketAddress(ipAddress: host, port: 0)) == nil else {
            return nil
        }
        return host
    }
}
