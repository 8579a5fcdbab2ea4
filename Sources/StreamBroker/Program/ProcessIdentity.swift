// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Distinguishes this process from others in the names of its consumers.
enum ProcessIdentity {
    /// `host-pid`, with only those characters of the host's name that a consumer's name may have.
    static var hostAndPID: String {
        var buffer = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&buffer, buffer.count - 1) == 0
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = isKnown ? String(decoding: bytes, as: UTF8.self) : "host"
        let plain = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
        return "\(plain.isEmpty ? "host" : plain)-\(getpid())"
    }
}
