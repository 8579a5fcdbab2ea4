// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How much a sweep may lease.
struct SweepRoom: Sendable, Hashable {
    /// At most so many whose lease has run out.
    var expired: Int
    /// At most so many whose retry is due.
    var due: Int
    /// At most so many suspects among the expired ones.
    var suspects: Int

    /// The part of one of several streams; the first ones get what does not divide, and the first one the suspects.
    func part(_ index: Int, of count: Int) -> SweepRoom {
        SweepRoom(
            expired: expired / count + (index < expired % count ? 1 : 0),
            due: due / count + (index < due % count ? 1 : 0), suspects: index == 0 ? suspects : 0)
    }

    /// Whether nothing may be leased.
    var isEmpty: Bool { expired == 0 && due == 0 }
}
