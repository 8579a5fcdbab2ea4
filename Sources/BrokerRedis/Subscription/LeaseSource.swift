// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where a message comes from, in the order of their turns. Closed by design.
enum LeaseSource: Int, Sendable, CaseIterable {
    /// Never given to the group.
    case new
    /// Its lease has run out.
    case expired
    /// Its retry is due.
    case due

    /// Whose turn comes behind this one's.
    var next: LeaseSource { Self.allCases[(rawValue + 1) % Self.allCases.count] }
}
