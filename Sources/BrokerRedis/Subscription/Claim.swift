// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// An entry that was leased by a sweep, and whose: all that is known of it before its body comes.
struct Claim {
    var seat: StreamSeat
    var lease: SweepAnswer.Lease
    var origin: InboundMessage.Origin

    /// What a sweep has leased of a stream, in the life of the group that it answered.
    static func all(of answer: SweepAnswer, in seat: StreamSeat) -> [Claim] {
        var seat = seat
        seat.epoch = answer.epoch
        return answer.expired.map { Claim(seat: seat, lease: $0, origin: .expired) }
            + answer.due.map { Claim(seat: seat, lease: $0, origin: .retry) }
    }
}
