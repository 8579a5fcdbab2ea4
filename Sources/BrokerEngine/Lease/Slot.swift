// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The place of one held message in a consumer's lease table.
///
/// A slot is used again and again; its generation tells one use from the next, so that a delivery which outlives its
/// message finds out instead of settling somebody else's.
package struct Slot: Sendable, Hashable, Comparable {
    /// Where in the table.
    package var index: Int32
    /// Which use of that place.
    package var generation: UInt32

    package init(index: Int32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// By place, then by use.
    package static func < (left: Slot, right: Slot) -> Bool {
        (left.index, left.generation) < (right.index, right.generation)
    }
}
