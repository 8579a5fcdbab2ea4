// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The socket of a connection, for callers that write on it themselves: a second descriptor of NIO's socket.
///
/// It has a descriptor of its own, since NIO may close its own at any time, and the number may be used anew at once.
/// Rules that make it safe: one caller at a time writes; it is closed once, and not while a caller writes
/// (``SubmissionQueue``); as long as it is open the other end does not learn that NIO has closed the connection.
struct CallerSocket: Sendable {
    private let descriptor: CInt

    /// Duplicates a descriptor; `nil` if there are too many open files.
    init?(_ handle: NIOBSDSocket.Handle) {
        let copy = fcntl(handle, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return nil }
        descriptor = copy
    }

    /// Writes as many bytes as the socket takes now, without waiting.
    ///
    /// - Returns: The bytes that it did not take; `nil` if it has taken all. After an error it takes none: NIO finds the
    ///   same error when it writes them, and ends the connection.
    func send(_ bytes: ByteBuffer) -> ByteBuffer? {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            let count = bytes.withUnsafeReadableBytes { Self.send(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes.moveReaderIndex(forwardBy: count)
        }
        return nil
    }

    private static func send(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
            // NIO has set SO_NOSIGPIPE.
            let flags = CInt(MSG_DONTWAIT)
        #else
            let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
        #endif
        #if canImport(Glibc)
            return Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #elseif canImport(Musl)
            return Musl.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #else
            return Darwin.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #endif
    }

    /// Closes the descriptor. It is called once.
    func close() {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }
}
