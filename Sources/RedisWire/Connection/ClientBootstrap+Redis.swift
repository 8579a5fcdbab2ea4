// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// How sockets to a server are opened, whatever is said on them.
extension ClientBootstrap {
    /// A bootstrap with the options' timeout; `fill` gets each socket before it is connected.
    static func make(
        _ options: RedisOptions, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ fill: @escaping @Sendable (any Channel) throws -> Void
    ) -> ClientBootstrap {
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .resolver(options.resolver)
            // What one read brings is fed to hiredis in slices anyway; a few large reads are cheaper than many.
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65536, maximum: 1 << 20)
            )
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try fill(channel) } }
        guard case .host = options.url.address else { return bootstrap }
        return KeepAlive.options.reduce(bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)) {
            $0.channelOption($1.option, value: $1.value)
        }
    }

    /// Connects to a host, whose name is resolved anew, or to a socket.
    func connect(to address: RedisURL.Address) -> EventLoopFuture<any Channel> {
        switch address {
        case .host(let host, let port): connect(host: host, port: port)
        case .socket(let path): connect(unixDomainSocketPath: path)
        }
    }
}
