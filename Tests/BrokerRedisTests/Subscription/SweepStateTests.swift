// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// When a stream is swept.
@Suite struct SweepStateTests {
    private let interval = Duration.seconds(10)
    private let start = Instant(nanoseconds: 1_000_000_000)
    private let limits = SweepLimits(expired: 4, due: 4, suspects: 1)
    private let lease = SweepReply.Lease(id: MessageID(milliseconds: 1, sequence: 0), token: 2)

    private func reply(_ change: (inout SweepReply) -> Void = { _ in }) -> SweepReply {
        var reply = SweepReply(time: 1, epoch: 1)
        change(&reply)
        return reply
    }

    private func state(after reply: SweepReply) -> SweepState {
        var state = SweepState()
        state.begin()
        state.finish(reply, limits, every: interval, at: start)
        return state
    }

    @Test func theFirstSweepIsDueAtOnce() {
        #expect(SweepState().isDue(at: start, suspects: 0))
    }

    @Test func expiredLeasesAreCheckedForAtIntervals() {
        let state = state(after: reply())
        #expect(state.nextTime == start + interval)
        #expect(!state.isDue(at: start + (interval - .milliseconds(1)), suspects: 1))
        #expect(state.isDue(at: start + interval, suspects: 0))
    }

    @Test func aFullSweepIsFollowedByAnother() {
        let state = state(
            after: reply {
                $0.isFull = true
                $0.expired = [lease]
            })
        #expect(state.isExpiryCheckDue(at: start, suspects: 0))
    }

    @Test func aSweepThatIsFullOfWhatIsGoneIsFollowedByAnother() {
        let state = state(
            after: reply {
                $0.isFull = true
                $0.missing = [lease.id]
            })
        #expect(state.isExpiryCheckDue(at: start, suspects: 0))
    }

    @Test func aSweepForExpiredLeasesAloneSaysNothingOfRetries() {
        var state = SweepState()
        state.begin()
        let due = reply { $0.nextRetry = .zero }
        state.finish(due, SweepLimits(expired: 1, due: 0, suspects: 0), every: interval, at: start)
        #expect(state.nextRetry == start)
    }

    @Test func aSweepThatIsFullOfPassedSuspectsIsNotRepeatedAtOnce() {
        let state = state(
            after: reply {
                $0.isFull = true
                $0.hasPassedSuspects = true
            })
        #expect(!state.isExpiryCheckDue(at: start, suspects: 0))
        #expect(state.isExpiryCheckDue(at: start, suspects: 1))
    }

    @Test func aGroupThatSomebodyElseHasSweptIsCheckedWhenTheGuardOpens() {
        let state = state(after: reply { $0.closedFor = .milliseconds(300) })
        #expect(state.nextExpiryCheck == start + .milliseconds(300))
    }

    @Test func aSweepForRetriesAloneSaysNothingOfExpiredLeases() {
        var state = SweepState()
        state.begin()
        state.finish(reply(), SweepLimits(expired: 0, due: 1, suspects: 0), every: interval, at: start)
        #expect(state.isExpiryCheckDue(at: start, suspects: 0))
    }

    @Test func theNextRetryIsSweptForWhenItIsDue() {
        let state = state(after: reply { $0.nextRetry = .milliseconds(700) })
        #expect(state.nextRetry == start + .milliseconds(700))
    }

    @Test func whatIsDueAlreadyIsSweptForAtOnceUnlessNothingWasFound() {
        #expect(state(after: reply { $0.nextRetry = .zero }).nextRetry == start + SweepState.shortestPause)
        let found = reply {
            $0.nextRetry = .zero
            $0.due = [lease]
        }
        #expect(state(after: found).nextRetry == start)
    }

    @Test func pagesOfWaitingEntriesFollowEachOther() {
        let state = state(after: reply { $0.cursor = "(1-1" })
        #expect(state.cursor == "(1-1")
        #expect(state.nextRetry == start + SweepState.shortestPause)
    }

    @Test func aRetryOfOurOwnIsKnownAtOnce() {
        var state = state(after: reply { $0.nextRetry = .seconds(5) })
        let isEarlier = [1, 2].map { state.parked(until: start + .seconds($0)) }
        #expect(isEarlier == [true, false])
        #expect(state.nextRetry == start + .seconds(1))
    }

    /// The reply of a sweep that ran before the park knows nothing of it.
    @Test func aRetryThatWasParkedDuringASweepIsNotForgotten() {
        var state = SweepState()
        state.begin()
        _ = state.parked(until: start + .seconds(1))
        state.finish(reply(), limits, every: interval, at: start)
        #expect(state.nextRetry == start + .seconds(1))
        state.begin()
        state.finish(reply(), limits, every: interval, at: start)
        #expect(state.nextRetry == .distantFuture)
    }
}
