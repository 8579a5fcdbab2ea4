// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a bounded log keeps now, and what it has lost since it was made.
package struct BufferReport: Sendable, Hashable {
    /// How many entries it keeps.
    package var entries = 0
    /// How many bytes these count.
    package var bytes = 0
    /// How many messages were lost because there was no room.
    package var dropped = 0
    /// How many of these were larger than the whole room.
    package var oversized = 0

    /// Makes an empty report.
    package init() {}
}
