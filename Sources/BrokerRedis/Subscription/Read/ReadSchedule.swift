// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Decides which of many streams a read names, as a pure value: the busy ones each time, the quiet ones in their turn.
///
/// A read that names thousands of streams costs the server about a microsecond for each, even if it brings nothing. So
/// while some streams are busy, the quiet ones are read in passes. Pauses between the passes keep their cost small.
/// With no busy stream, and with few streams, every read names all.
package struct ReadSchedule: Sendable {
    /// Up to this many streams, every read names all.
    package static let few = 64
    /// For how long a stream that gave a message counts as busy.
    package static let memory = Duration.milliseconds(200)
    /// The shortest pause between two passes, for each stream.
    package static let pausePerStream = Duration.microseconds(25)
    /// The longest pause between two passes.
    package static let longestPause = Duration.seconds(1)

    /// How many times longer than the pass the pause is.
    private static let pauseFactor = 20

    /// What a stream gave.
    private struct Activity {
        var lastMessage = Instant.distantPast
        /// Whether it gave all it was asked for, so that it has more. It stays busy until its next turn, which may take
        /// longer than busy streams are remembered.
        var hasMore = false

        func isBusy(at now: Instant) -> Bool { hasMore || now - lastMessage < ReadSchedule.memory }
    }

    /// The streams by the positions of their memberships. An array, since each read asks for all of them.
    private var activities: [Activity] = []
    /// The position at which the pass continues.
    private var turn = 0
    /// How many quiet streams the current pass has read.
    private var passed = 0
    /// How long the current pass has taken.
    private var spent = Duration.zero
    /// When the next pass begins.
    private var nextPass = Instant.distantPast
    /// When a read of all streams last found nothing.
    private var lastEmpty = Instant.distantPast

    package init() {}

    /// What is read next.
    package mutating func plan(_ memberships: MembershipTable, first: Int, at now: Instant) -> ReadPlan {
        if memberships.count <= Self.few { return ReadPlan(memberships, first: first, at: now) }
        makeRoom(for: memberships.count)
        let active = memberships.readable(at: now) { activities[$0].isBusy(at: now) }
        if !active.isEmpty, now < nextPass { return ReadPlan(busy: active, first: first, next: nextPass) }
        let others = memberships.readable(at: now) { !activities[$0].isBusy(at: now) }
        let quiet = ReadPlan.turns(of: others) { $0 >= turn }
        if active.isEmpty {
            passed = 0
            return ReadPlan(quiet: quiet, busy: [], first: first)
        }
        let rest = Array(quiet.dropLast(passed))
        if rest.isEmpty { endPass(of: memberships.count, at: now) }
        let next = rest.isEmpty && !quiet.isEmpty ? nextPass : .distantFuture
        return ReadPlan(quiet: rest, busy: active, first: first, next: next)
    }

    /// Notes streams that gave messages.
    package mutating func gotMessages(from positions: [Int], at now: Instant) {
        for position in positions { change(position) { $0.lastMessage = now } }
    }

    /// Notes which streams of a read gave all that they were asked for.
    package mutating func gotAll(from full: [Int], of read: some Sequence<Int>) {
        for position in read { change(position) { $0.hasMore = false } }
        for position in full { change(position) { $0.hasMore = true } }
    }

    private mutating func change(_ position: Int, _ body: (inout Activity) -> Void) {
        makeRoom(for: position + 1)
        body(&activities[position])
    }

    private mutating func makeRoom(for count: Int) {
        let missing = count - activities.count
        if missing > 0 { activities += Array(repeating: Activity(), count: missing) }
    }

    /// Notes how many of the quiet streams of a plan were read, and how long that took.
    package mutating func didRead(_ count: Int, of plan: ReadPlan, taking time: Duration, at now: Instant) {
        guard count > 0 else { return }
        turn = plan.quiet[count - 1] + 1
        passed += count
        spent = spent + time
        if count == plan.quiet.count { endPass(of: passed + plan.busy.count, at: now) }
    }

    /// Notes a read of all streams.
    package mutating func didReadAll(_ count: Int, foundNothing: Bool, at now: Instant) {
        if foundNothing { lastEmpty = now }
        endPass(of: count, at: now)
    }

    /// Whether a read of all streams found nothing so recently that the next one will not bring too much.
    package func isFreshlyEmpty(at now: Instant) -> Bool { now - lastEmpty < Self.memory }

    /// Begins anew, because the memberships have moved.
    package mutating func forget() {
        activities = []
        (turn, passed, spent) = (0, 0, .zero)
        nextPass = .distantPast
    }

    private mutating func endPass(of count: Int, at now: Instant) {
        nextPass = now + min(Self.longestPause, max(Self.pausePerStream * count, spent * Self.pauseFactor))
        (passed, spent) = (0, .zero)
    }
}
