// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

extension RedisError {
    /// Reads what NIO or NIOSSL say about a connection that could not be made or broke.
    init(transport error: any Error) {
        switch error {
        case let error as RedisError:
            self = error
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            self.init(.tls, "no encrypted connection: \(Self.words(of: error))", effect: .unknown)
        case ChannelError.connectTimeout(let limit):
            self.init(.connection, "no connection within \(limit.nanoseconds / 1_000_000) ms")
        case let error as NIOConnectionError:
            self.init(.connection, "no connection to \(error.host):\(error.port): \(Self.words(of: error))")
        case let error as IOError:
            self.init(.connection, "the connection failed: \(error.description)", effect: .unknown)
        default:
            self.init(.connection, "the connection failed (\(type(of: error)))", effect: .unknown)
        }
    }

    /// The last cause in one line. Neither library puts what is sent into its errors.
    private static func words(of error: any Error) -> String {
        guard let failed = error as? NIOConnectionError else { return oneLine("\(error)") }
        if let attempt = failed.connectionErrors.last { return oneLine("\(attempt.error)") }
        return oneLine("\(failed.dnsAError ?? failed.dnsAAAAError ?? ChannelError.unknownLocalAddress)")
    }

    private static func oneLine(_ text: String) -> String {
        String(text.prefix(300).map { $0.isNewline ? " " : $0 })
    }
}
