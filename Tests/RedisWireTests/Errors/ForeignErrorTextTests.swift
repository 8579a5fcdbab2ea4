// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL
import RedisWire
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Errors of NIO and NIOSSL in our sentences: whole brackets, no calls, no dumps of types, rounded times.
@Suite struct ForeignErrorTextTests {
    private static let texts: [(error: any Error, text: String)] = [
        (
            IOError(errnoCode: ECONNRESET, reason: "read(descriptor:pointer:size:)"),
            "the connection failed: Connection reset by peer"
        ),
        (
            IOError(errnoCode: EPIPE, reason: "connection reset (error set)"),
            "the connection failed: Broken pipe"
        ),
        (ChannelError.connectTimeout(.nanoseconds(1_586_869_255)), "no connection within 1.6 s"),
        (ChannelError.connectTimeout(.seconds(30)), "no connection within 30 s"),
        (ChannelError.connectTimeout(.milliseconds(250)), "no connection within 250 ms"),
        (ChannelError.connectTimeout(.milliseconds(9_960)), "no connection within 10 s"),
        (ChannelError.connectTimeout(.milliseconds(2_040)), "no connection within 2 s"),
        (
            NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])),
            "no encrypted connection: EOF during handshake"
        ),
        (NIOSSLError.uncleanShutdown, "no encrypted connection: uncleanShutdown"),
    ]

    @Test(arguments: texts.indices) func readsLikeASentence(_ index: Int) {
        #expect(RedisError(transport: Self.texts[index].error).message == Self.texts[index].text)
    }
}
