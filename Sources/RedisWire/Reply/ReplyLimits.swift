// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a server may make us hold before its connection is given up.
package struct ReplyLimits: Sendable {
    /// The longest text, in bytes; default 512 MiB, the protocol's own bound.
    package var textBytes = 512 << 20
    /// The longest array; default 16,777,216 elements.
    package var elements = 1 << 24
    /// The most that the replies of one batch may take in memory, in bytes; default 1 GiB.
    package var batchBytes = 1 << 30
    /// The longest line (a status, an error, a length), in bytes; default 64 KiB.
    package var lineBytes = 64 << 10
    /// How deep arrays may nest: what hiredis 0.14 can parse, and a third more than the deepest reply we ask for.
    package static let depth = 8

    /// Makes the default limits.
    package init() {}
}

/// Why a server's bytes were refused; the connection that sent them is of no use any more.
package struct ReplyRefusal: Error {
    /// What was wrong with them.
    package let reason: String
}
