// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How many entries of a stream's past are read at a time, as a pure value: few at first, then twice as many each time,
/// as long as their bodies stay within a bound as far as those before tell.
package struct PageSize: Sendable {
    /// With how many it begins.
    package static let first = 16
    /// Never more than these.
    package static let largest = 256
    /// How many bytes of bodies one page may have.
    package static let bytes = 8 << 20

    /// How many entries the next page may have.
    package private(set) var count = Self.first
    private let bound: Int

    /// - Parameter bound: How many bytes of bodies one page may have.
    package init(bound: Int = Self.bytes) {
        self.bound = max(1, min(bound, Self.bytes))
    }

    /// So many entries have come, with bodies of so many bytes.
    package mutating func took(_ entries: Int, bytes: Int) {
        guard entries > 0 else { return }
        if entries > count / 2 { count = min(count * 2, Self.largest) }
        count = min(count, max(1, bound / max(1, bytes / entries)))
    }

    /// A page of so many entries could not be taken; a smaller one may.
    package mutating func shrink(_ entries: Int) {
        count = max(1, entries / 2)
    }
}

extension [StoredMessage] {
    /// How many bytes the bodies have.
    package var byteCount: Int { reduce(0) { $0 + $1.message.payload.count } }
}
