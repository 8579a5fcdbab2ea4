// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The state of a subscription, which its lock guards: memberships, turns, and what it knows about the server.
struct SubscriptionState: Sendable {
    /// One membership for each stream.
    var memberships = MembershipTable()
    /// Whether the subscription was closed.
    var isClosed = false
    /// The turns of the sources, for calls that are too small for shares.
    var turns = LeaseQuota.Turns()
    /// The stream with which the next read or sweep begins.
    var rotation = 0
    /// What time it is on the server.
    private var clock = ServerClock()
    /// Whether the server replies.
    private var stall = StallDetector()
    /// Which of many streams a read names.
    var readSchedule = ReadSchedule()
    /// How many messages of each stream a read asks for.
    var readDepth = ReadDepth()
    /// Which reads have lost their replies.
    var lostReads = LostReads()
    /// How many messages are leased at a time.
    var batchSizer: BatchSizer
    /// When a pattern looks for new streams again.
    var nextDiscovery = Instant.distantPast
    /// When a pattern scans all keys again, for streams that other programs made.
    var nextScan = Instant.distantPast
    /// Where the scan of all keys continues.
    var scanPosition = ScanPosition.start
    /// Streams that were taken out of the set recently.
    var removedStreams = RemovedStreams()
    /// Keys that match the pattern and cannot be streams, and that were logged.
    var passedOver: Set<String> = []
    /// Entries that no longer exist and were not reported yet, because the call that found them failed.
    var missing: [MissingEntry] = []

    /// How long leases last.
    let visibility: Duration

    init(visibility: Duration) {
        self.visibility = visibility
        batchSizer = BatchSizer(visibility: visibility)
    }

    /// The time that the server should have now, in milliseconds since 1970; 0 while nothing is known.
    mutating func expectedTime(at now: Instant) -> Int {
        if stall.isOver(at: now, visibility) { giveHoldersTime() }
        return clock.expected(at: now)
    }

    /// Notes the server's time, which came in reply to a call that was sent at an instant.
    mutating func learnTime(_ time: Int, sent: Instant, at now: Instant) {
        if clock.learn(time, sent: sent, at: now) > visibility / 3 { giveHoldersTime() }
    }

    /// Notes a reply to a call that was sent at an instant and may have blocked for a while.
    mutating func gotReply(sent: Instant, blocking: Duration = .zero, at now: Instant) {
        if stall.gotReply(sent: sent, blocking: blocking, at: now, visibility) { giveHoldersTime() }
    }

    /// Notes that a call got no reply.
    mutating func missedReply() {
        stall.missedReply()
    }

    /// Takes nothing expired from any stream until holders had two thirds of the visibility to extend their leases.
    private mutating func giveHoldersTime() {
        for position in memberships.indices { memberships[position].sweep.giveHoldersTime() }
    }

    /// What is read next.
    mutating func plan(at now: Instant) -> ReadPlan {
        readSchedule.plan(memberships, first: rotation, at: now)
    }

    /// Adds a membership, or renews it, in that epoch of its group.
    mutating func membership(_ membership: Membership, epoch: UInt64) {
        guard let position = memberships.position(of: membership.stream) else {
            var membership = membership
            membership.epoch = epoch
            return memberships.add(membership)
        }
        memberships[position].rejoin(epoch)
        lostReads.forget(membership.stream)
    }

    /// Removes the memberships in streams that no longer exist.
    mutating func leave(_ streams: Set<StreamName>) {
        memberships.remove(streams)
        for stream in streams { lostReads.forget(stream) }
        readSchedule.forget()
    }

    /// Marks groups that must be made again.
    mutating func lose(_ positions: some Sequence<Int>, at now: Instant) {
        for position in positions { memberships[position].lose(at: now) }
    }

    /// Notes retries that this consumer parked.
    ///
    /// - Returns: Whether one of them is due earlier than the earliest retry that was known.
    mutating func parked(_ delays: [StreamName: Duration], at now: Instant) -> Bool {
        var isEarlier = false
        for (stream, delay) in delays {
            guard let position = memberships.position(of: stream) else { continue }
            if memberships[position].sweep.parked(until: now + delay) { isEarlier = true }
        }
        return isEarlier
    }

    /// Returns the entries that no longer exist, once.
    mutating func takeMissing() -> [MissingEntry] {
        defer { missing = [] }
        return missing
    }
}
