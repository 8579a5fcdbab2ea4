// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What the lanes of a consumer are short of, and what waits behind its key meanwhile.
package struct LaneSupply: Sendable {
    /// Whether more lanes have nothing to do than messages are ready for them.
    package let isStarving: Bool
    /// What waits behind its key.
    package let backlog: Backlog

    package init(isStarving: Bool, backlog: Backlog) {
        self.isStarving = isStarving
        self.backlog = backlog
    }

    /// Whether any room is worth a read.
    ///
    /// One hot key starves every lane but one for ever: once its backlog is over the limit, so that others wait behind
    /// it whatever is read, a read for each of its messages would help nobody.
    package var isShort: Bool { isStarving && !backlog.isOverLimit }
}
