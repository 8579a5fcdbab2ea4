// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A port of this machine at which nobody answers: whoever connects waits for its own timeout, as behind a firewall
/// that drops packets. The port listens, its backlog is full, and the kernel drops what asks for more.
package final class BlackHole: Sendable {
    /// Where it is.
    package let port: Int
    private let descriptors: [CInt]

    /// Opens one on a free port, or on one that nobody listens at.
    package init(port: Int = 0) throws {
        let listener = try Self.openSocket()
        var one: CInt = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
        var address = Self.address(port)
        guard Self.with(&address, { bind(listener, $0, $1) }) == 0, listen(listener, 0) == 0 else {
            throw RigFailure("port \(port) cannot be listened at: \(errno)")
        }
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
        }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        // One is taken into the backlog; the others show that it is full.
        descriptors =
            try [listener]
            + (0..<3).map { _ in
                let filler = try Self.openSocket()
                _ = fcntl(filler, F_SETFL, fcntl(filler, F_GETFL) | O_NONBLOCK)
                _ = Self.with(&address) { connect(filler, $0, $1) }
                return filler
            }
    }

    deinit { close() }

    /// Its URL by host and port.
    package var url: String { "redis://127.0.0.1:\(port)" }

    private func close() {
        for descriptor in descriptors {
            #if canImport(Darwin)
                Darwin.close(descriptor)
            #else
                Glibc.close(descriptor)
            #endif
        }
    }

    private static func openSocket() throws -> CInt {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #endif
        guard descriptor >= 0 else { throw RigFailure("no socket: \(errno)") }
        return descriptor
    }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func with(
        _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
