// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What a subscription guards with its lock: its memberships, whose turn it is, and what it knows of the server.
struct SubscriptionState: Sendable {
    /// One for each stream.
    var memberships = MembershipTable()
    /// Whether the subscription was closed.
    var isClosed = false
    /// The turns of the sources, for calls that are too small for shares.
    var turns = LeaseQuota.Turns()
    /// At which stream the next look begins.
    var rotation = 0
    /// What time the server has.
    private var clock = ServerClock()
    /// Whether it answers.
    private var stall = StallDetector()
    /// Which of many streams are read each time.
    var readSchedule = ReadSchedule()
    /// Which reads have lost their replies.
    var lostReads = LostReads()
    /// How much is leased at a time.
    var batchSizer: BatchSizer
    /// When the streams of a pattern are looked for again.
    var nextDiscovery = Instant.distantPast
    /// When all keys are looked through again for streams of a pattern that others made.
    var nextScan = Instant.distantPast
    /// Where to go on looking through all keys.
    var scanCursor = "0"
    /// Streams that were taken out of the set lately.
    var removedStreams = RemovedStreams()
    /// Keys that match and can be no streams, as far as that was told.
    var passedOver: Set<String> = []
    /// Entries that are gone and were not reported yet, since the call failed that found them.
    var missing: [MissingEntry] = []

    /// How long leases last.
    let visibility: Duration

    init(visibility: Duration) {
        self.visibility = visibility
        batchSizer = BatchSizer(visibility: visibility)
    }

    /// The time that the server should have now, in milliseconds since 1970; 0 as long as nothing is known.
    mutating func expectedTime(at now: Instant) -> Int {
        if stall.isOver(at: now, visibility) { giveHoldersTime() }
        return clock.expected(at: now)
    }

    /// The server has told its time, asked at an instant.
    mutating func learn(_ time: Int, asked: Instant, at now: Instant) {
        if clock.learn(time, asked: asked, at: now) > visibility / 3 { giveHoldersTime() }
    }

    /// The server has answered what was asked at an instant and might have taken so long by request.
    mutating func answered(asked: Instant, blocking: Duration = .zero, at now: Instant) {
        if stall.answered(asked: asked, blocking: blocking, at: now, visibility) { giveHoldersTime() }
    }

    /// A call was not answered.
    mutating func missedAnswer() {
        stall.missed()
    }

    /// Nothing expired is taken from any stream until holders had two thirds of the visibility to extend.
    private mutating func giveHoldersTime() {
        for place in memberships.indices { memberships[place].sweep.giveHoldersTime() }
    }

    /// What is read next.
    mutating func plan(at now: Instant) -> ReadPlan {
        readSchedule.plan(memberships, first: rotation, at: now)
    }

    /// Takes the consumer in as a member of the group of a stream, in that life of it.
    mutating func membership(_ membership: Membership, epoch: UInt64) {
        guard let place = memberships.place(of: membership.stream) else {
            var membership = membership
            membership.epoch = epoch
            return memberships.add(membership)
        }
        memberships[place].rejoin(epoch)
        lostReads.forget(membership.stream)
    }

    /// Gives up the memberships in streams that are gone.
    mutating func leave(_ streams: Set<StreamName>) {
        memberships.remove(streams)
        for stream in streams { lostReads.forget(stream) }
        readSchedule.forget()
    }

    /// Marks groups that have to be made again.
    mutating func lose(_ positions: some Sequence<Int>, at now: Instant) {
        for position in positions { memberships[position].lose(at: now) }
    }

    /// Retries were parked; returns whether one is due earlier than what was known.
    mutating func parked(_ delays: [StreamName: Duration], at now: Instant) -> Bool {
        var isEarlier = false
        for (stream, delay) in delays {
            guard let place = memberships.place(of: stream) else { continue }
            if memberships[place].sweep.parked(until: now + delay) { isEarlier = true }
        }
        return isEarlier
    }

    /// Entries that are gone, to be reported once.
    mutating func takeMissing() -> [MissingEntry] {
        defer { missing = [] }
        return missing
    }
}
