// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Station "fetch": entries become leased messages.
extension MemoryLog {
    /// What a call of `receive` came to. Closed by design.
    package enum Reception: Sendable {
        /// It found this, maybe nothing when it was the last look.
        case received(Received)
        /// It found nothing and waits under this number: it looks again when it is woken, and at that time.
        case waiting(number: Int, until: Instant)
        /// The seat has been given up.
        case closed
    }

    /// Leases what there is for a consumer; when there is nothing, it waits, unless this was its last look.
    ///
    /// A waiter that comes back says its number.
    package mutating func receive(
        _ request: ReceiveRequest, seat number: Int, waiter: Int? = nil, isLast: Bool, at time: MemoryTime
    ) -> Reception {
        if let waiter { withdraw(waiter, from: number) }
        guard var seat = seats[number] else { return .closed }
        revive(seat)
        var intake = Intake(request, by: seat.holder, at: time.now)
        lease(&intake, for: &seat)
        seats[number] = seat
        guard intake.isEmpty, !isLast, request.limit > 0 else {
            passOn(seat, intake)
            return .received(intake.received)
        }
        return wait(number, seat.paths, intake)
    }

    /// Ends the wait of a call that will not look again, and passes on what it was woken for.
    package mutating func leave(seat number: Int, waiter: Int) {
        withdraw(waiter, from: number)
        guard let seat = seats[number] else { return }
        for path in seat.paths { streams[path.stream].summonForNew(in: path.group, &wakes) }
    }
}

/// How much each source gives.
extension MemoryLog {
    /// Of n asked for, expired and due may take a quarter each, rounded up, and what one leaves the others may take.
    /// Below three that would leave nothing to the new ones: there the sources take turns.
    private mutating func lease(_ intake: inout Intake, for seat: inout Seat) {
        guard intake.room > 0, !seat.paths.isEmpty else { return }
        if intake.room < 3 {
            takeTurns(&intake, for: &seat)
        } else {
            let share = (intake.room + 3) / 4
            take(.expired, share, &intake, for: seat)
            take(.due, min(share, intake.room), &intake, for: seat)
            for source in [LeaseSource.new, .due, .expired] { take(source, intake.room, &intake, for: seat) }
        }
        seat.rotation = (seat.rotation + 1) % seat.paths.count
    }

    private mutating func takeTurns(_ intake: inout Intake, for seat: inout Seat) {
        let sources = LeaseSource.allCases
        var failures = 0
        while intake.room > 0, failures < sources.count {
            failures = take(seat.turn, 1, &intake, for: seat) > 0 ? 0 : failures + 1
            seat.turn = sources[(seat.turn.rawValue + 1) % sources.count]
        }
    }

    @discardableResult
    private mutating func take(_ source: LeaseSource, _ limit: Int, _ intake: inout Intake, for seat: Seat) -> Int {
        var taken = 0
        for turn in seat.paths.indices where taken < limit {
            let path = seat.paths[(seat.rotation + turn) % seat.paths.count]
            taken += streams[path.stream].lease(source, limit - taken, in: path.group, into: &intake)
        }
        return taken
    }
}

/// Waiting, and waking others.
extension MemoryLog {
    /// Groups that were destroyed exist again for whoever asks; so do their streams.
    mutating func revive(_ seat: Seat) {
        for path in seat.paths where !streams[path.stream].groups[path.group].exists {
            streams[path.stream].exists = true
            streams[path.stream].groups[path.group].revive()
        }
    }

    private mutating func wait(_ number: Int, _ paths: [Seat.Path], _ intake: Intake) -> Reception {
        var until = Instant.distantFuture
        for path in paths {
            until = min(until, streams[path.stream].groups[path.group].nextEvent(for: intake))
        }
        let waiter = Waiter(
            number: makeNumber(), limit: intake.room, visibility: intake.holder.visibility, until: until)
        for path in paths { streams[path.stream].groups[path.group].waiting.append(waiter) }
        seats[number]?.waiters.append(waiter)
        return .waiting(number: waiter.number, until: until)
    }

    private mutating func withdraw(_ waiter: Int, from number: Int) {
        guard let seat = seats[number] else { return }
        for path in seat.paths { streams[path.stream].groups[path.group].waiting.removeAll { $0.number == waiter } }
        seats[number]?.waiters.removeAll { $0.number == waiter }
    }

    private mutating func passOn(_ seat: Seat, _ intake: Intake) {
        for path in seat.paths where !streams[path.stream].groups[path.group].waiting.isEmpty {
            streams[path.stream].summonForNew(in: path.group, &wakes)
            streams[path.stream].groups[path.group].summonForLeases(by: seat.holder, at: intake.now, &wakes)
        }
    }
}
