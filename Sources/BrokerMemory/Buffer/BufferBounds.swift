// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How much a log keeps at most, over all its streams, and what gives way.
package struct BufferBounds: Sendable, Hashable {
    /// What gives way when a message comes and there is no room.
    package enum Overflow: String, Sendable, Hashable, CaseIterable {
        /// The oldest entry that nobody holds.
        case dropOldest = "drop-oldest"
        /// The message that comes.
        case dropNewest = "drop-newest"
        /// The message that comes, and the connection it came by until half of the room is free.
        case disconnect
    }

    /// At most so many entries; default 10,000.
    package var limit = 10_000
    /// At most so many bytes, payloads, headers and what an entry takes beside them; default 64 MiB.
    package var bytes = 64 << 20
    /// What gives way; default ``Overflow/dropOldest``.
    package var overflow = Overflow.dropOldest

    /// Makes the default bounds.
    package init() {}
}
