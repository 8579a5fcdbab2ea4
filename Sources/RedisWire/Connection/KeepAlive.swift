// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// By which the kernel finds out that the other end is gone while nothing is owed: after 30 s of silence, three
/// questions 10 s apart. Whatever is owed has a timeout of ours.
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
