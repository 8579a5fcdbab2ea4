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

/// The way to stderr, whose own variable is anybody's.
enum Complaints {
    /// Whether somebody watches.
    static let areWatched = isatty(2) == 1

    static func add(_ text: String) {
        var text = text
        // What cannot be said here cannot be said anywhere.
        text.withUTF8 { bytes in _ = write(2, bytes.baseAddress, bytes.count) }
    }
}
