// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOSSL

/// Makes the handler that encrypts: nothing behind it reaches the socket before the server's certificate was accepted.
enum TLSHandler {
    static func make(_ options: RedisOptions, _ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        let name = options.tls.serverName ?? hostName(options.url.address)
        return try NIOSSLClientHandler(context: context, serverHostname: name)
    }

    /// The host if it is a name. An address is compared with the certificate's addresses, without being announced.
    private static func hostName(_ address: RedisURL.Address) -> String? {
        guard case .host(let host, _) = address, (try? SocketAddress(ipAddress: host, port: 0)) == nil else {
            return nil
        }
        return host
    }
}
