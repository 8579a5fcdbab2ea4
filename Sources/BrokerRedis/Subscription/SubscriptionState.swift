// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What a subscription guards with its lock: its seats, whose turn it is, and what it knows of the server.
struct SubscriptionState: Sendable {
    /// One for each stream.
    var seats = SeatTable()
    /// Whether the seat was given up.
    var isClosed = false
    /// Which source is first when there is room for one or two messages only.
    var turn = LeaseSource.new
    /// At which stream the next look begins.
    var rotation = 0
    /// What time the server has.
    private var clock = ExpectedTime()
    /// Whether it answers.
    private var standstill = StandstillWatch()
    /// Which of many streams are read each time.
    var focus = ReadFocus()
    /// How much is leased at a time.
    var appetite: LeaseAppetite
    /// When the streams of a pattern are looked for again.
    var nextDiscovery = Instant.distantPast
    /// When all keys are looked through again for streams of a pattern that others made.
    var nextScan = Instant.distantPast
    /// Where to go on looking through all keys.
    var scanCursor = "0"
    /// Streams that were taken out of the set lately.
    var departures = Departures()
    /// Keys that match and can be no streams, as far as that was told.
    var passedOver: Set<String> = []
    /// Entries that are gone and were not reported yet, since the call failed that found them.
    var missing: [MissingEntry] = []

    /// How long leases last.
    let visibility: Duration

    init(visibility: Duration) {
        self.visibility = visibility
        appetite = LeaseAppetite(visibility: visibility)
    }

    /// The time that the server should have now, in milliseconds since 1970; 0 as long as nothing is known.
    mutating func expectedTime(at now: Instant) -> Int {
        if standstill.isOver(at: now, visibility) { giveHoldersTime() }
        return clock.expected(at: now)
    }

    /// The server has told its time, asked at an instant.
    mutating func learn(_ time: Int, asked: Instant, at now: Instant) {
        if clock.learn(time, asked: asked, at: now) > visibility / 3 { giveHoldersTime() }
    }

    /// The server has answered what was asked at an instant and might have taken so long by request.
    mutating func answered(asked: Instant, blocking: Duration = .zero, at now: Instant) {
        if standstill.answered(asked: asked, blocking: blocking, at: now, visibility) { giveHoldersTime() }
    }

    /// A call was not answered.
    mutating func missedAnswer() {
        standstill.missed()
    }

    /// Nothing expired is taken from any stream until holders had two thirds of the visibility to extend.
    private mutating func giveHoldersTime() {
        for place in seats.indices { seats[place].sweep.giveHoldersTime() }
    }

    /// What is read next.
    mutating func plan(at now: Instant) -> ReadPlan {
        focus.plan(seats, first: rotation, at: now)
    }

    /// Seats the consumer in a stream, in that life of the group.
    mutating func seat(_ seat: StreamSeat, epoch: UInt64) {
        guard let place = seats.place(of: seat.stream) else {
            var seat = seat
            seat.epoch = epoch
            return seats.add(seat)
        }
        seats[place].rejoin(epoch)
    }

    /// Gives up the seats in streams that are gone.
    mutating func leave(_ streams: Set<StreamName>) {
        seats.remove(streams)
        focus.forget()
    }

    /// Marks groups that have to be made again.
    mutating func lose(_ positions: some Sequence<Int>, at now: Instant) {
        for position in positions { seats[position].lose(at: now) }
    }

    /// Retries were parked; answers whether one is due earlier than what was known.
    mutating func parked(_ delays: [StreamName: Duration], at now: Instant) -> Bool {
        var isEarlier = false
        for (stream, delay) in delays {
            guard let place = seats.place(of: stream) else { continue }
            if seats[place].sweep.parked(until: now + delay) { isEarlier = true }
        }
        return isEarlier
    }

    /// Entries that are gone, to be reported once.
    mutating func takeMissing() -> [MissingEntry] {
        defer { missing = [] }
        return missing
    }
}
