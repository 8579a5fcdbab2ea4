// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// An entry that was leased by a sweep, and whose: all that is known of it before its body comes.
struct Claim {
    var membership: Membership
    var lease: SweepReply.Lease
    var origin: InboundMessage.Origin

    /// What a sweep has leased of a stream, in the life of the group that it answered.
    static func all(of answer: SweepReply, in membership: Membership) -> [Claim] {
        var membership = membership
        membership.epoch = answer.epoch
        return answer.expired.map { Claim(membership: membership, lease: $0, origin: .expired) }
            + answer.due.map { Claim(membership: membership, lease: $0, origin: .retry) }
    }
}
