// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What Sentinels answer and announce.
extension SentinelState {
    /// A Sentinel has answered.
    package mutating func answered(
        _ sentinel: RedisAddress, _ report: SentinelReport, at now: NIODeadline, chance: Double
    ) -> [Step] {
        let gone = roster.answered(sentinel, report, isCalm: primary?.isProved ?? false, at: now, chance: chance)
        var steps = gone.map { Step.drop($0) }
        lastHeard = now
        if isDeaf { steps.append(.tell(.hearsAgain(sentinel))) }
        isDeaf = false
        switch (phase, report.answer) {
        case (.seeking(var round), let answer):
            round.answered(sentinel, answer, at: now, times)
            for address in gone { round.forget(address) }
            phase = .seeking(round)
            steps += search(at: now, chance: chance)
        case (.settled, .primary(let named)), (.resting, .primary(let named)):
            steps += weigh(named, toldBy: sentinel, at: now, chance: chance)
        case (.idle, _), (_, .nameUnknown): break
        }
        return steps
    }

    /// A Sentinel has not answered, or its connection is lost.
    package mutating func failed(_ problem: SentinelProblem, at now: NIODeadline, chance: Double) -> [Step] {
        roster.failed(problem.sentinel, at: now, chance: chance)
        guard case .seeking(var round) = phase else { return [] }
        round.failed(problem, at: now)
        phase = .seeking(round)
        return search(at: now, chance: chance)
    }

    /// A Sentinel announces something.
    package mutating func announced(
        _ event: SentinelEvent, by sentinel: RedisAddress, at now: NIODeadline
    ) -> [Step] {
        switch event {
        case .switched(name, let address):
            // It is asked at once for the epoch.
            roster.hurry(sentinel, at: now)
            if primary?.address == address, case .settled = phase { return [] }
            let epoch = primary.flatMap { $0.address == address ? $0.epoch : $0.epoch.map { $0 + 1 } }
            return settle(address, epoch: epoch, isAnnounced: true, toldBy: sentinel, at: now)
        case .joined(name):
            roster.wantPeers(of: sentinel, at: now)
            return []
        case .switched, .joined, .other: return []
        }
    }

    /// Something is due.
    package mutating func wake(at now: NIODeadline, chance: Double) -> [Step] {
        var steps: [Step] = []
        for sentinel in roster.late(at: now) {
            steps.append(.drop(sentinel))
            let problem = SentinelProblem(sentinel, "no answer within \(Duration(times.patience).inWords)")
            steps += failed(problem, at: now, chance: chance)
        }
        switch phase {
        case .idle: break
        case .resting(let end): if end <= now { steps += seek(at: now, chance: chance) }
        case .seeking: steps += search(at: now, chance: chance)
        case .settled:
            if let primary, !isDeaf, lastHeard + times.deafness <= now {
                isDeaf = true
                steps.append(.tell(.deaf(sentinels, using: primary.address)))
            }
        }
        return steps + roster.due(at: now).flatMap { ask($0, at: now) }
    }

    private mutating func ask(_ sentinel: RedisAddress, at now: NIODeadline) -> [Step] {
        roster.ask(sentinel, at: now).map { [.ask(sentinel, forPeers: $0)] } ?? []
    }

    /// An answer that no search waits for: from a poll, or late.
    private mutating func weigh(
        _ named: NamedPrimary, toldBy sentinel: RedisAddress, at now: NIODeadline, chance: Double
    ) -> [Step] {
        guard let known = primary else { return settle(named, toldBy: sentinel, at: now) }
        if named.address == known.address {
            primary?.epoch = named.epoch ?? known.epoch
            primary?.isAnnounced = false
            return []
        }
        if let epoch = named.epoch, let knownEpoch = known.epoch {
            return epoch > knownEpoch ? settle(named, toldBy: sentinel, at: now) : []
        }
        // Without an epoch, nobody knows who is behind: all are asked, but not while some may still lag.
        guard case .settled = phase, known.since + times.lag <= now else { return [] }
        return seek(at: now, chance: chance)
    }
}

/// Searching.
extension SentinelState {
    mutating func seek(at now: NIODeadline, chance: Double) -> [Step] {
        phase = .seeking(SentinelRound(sentinels, asked: roster.asked, at: now))
        return search(at: now, chance: chance)
    }

    /// Waits before the Sentinels are asked again, longer with each failure and by chance, so that processes do not ask
    /// in step.
    mutating func rest(atMost longest: TimeAmount, at now: NIODeadline, chance: Double) -> [Step] {
        let bound = min(longest, times.shortestRest * (1 << min(failures, 12)))
        failures += 1
        phase = .resting(until: now + bound * chance)
        return []
    }

    private mutating func search(at now: NIODeadline, chance: Double) -> [Step] {
        guard case .seeking(var round) = phase else { return [] }
        if round.isOver(at: now) { return end(round, at: now, chance: chance) }
        let due = round.takeDue(at: now, times)
        phase = .seeking(round)
        return due.flatMap { ask($0, at: now) }
    }

    private mutating func end(_ round: SentinelRound, at now: NIODeadline, chance: Double) -> [Step] {
        let refuted = primary.flatMap { $0.isRefuted ? $0.address : nil }
        let failure: SentinelFailure
        if let vote = round.best(refuted: refuted) {
            if !isOutdated(vote.primary, named: round.count(of: vote.primary.address), at: now) {
                return settle(vote.primary, toldBy: vote.sentinel, at: now)
            }
            failure = .outdated(vote.primary.address, round.votes.map(\.sentinel))
        } else if !round.strangers.isEmpty {
            failure = .nameUnknown(round.strangers)
        } else {
            failure = .noneReachable(round.problems)
        }
        return rest(atMost: times.longestRest, at: now, chance: chance) + [.refuse(failure)]
    }

    /// Whether an answer is older than what is known: the Sentinel is cut off, or lags. If most of them say it, the
    /// Sentinels themselves have begun anew.
    private func isOutdated(_ named: NamedPrimary, named votes: Int, at now: NIODeadline) -> Bool {
        guard let known = primary, named.address != known.address, let least = known.epoch, let epoch = named.epoch,
            epoch < least
        else { return false }
        if known.isAnnounced, known.isRefuted { return false }
        if known.isAnnounced, now < known.since + times.lag { return true }
        return votes * 2 <= sentinels.count
    }

    private mutating func settle(
        _ named: NamedPrimary, toldBy sentinel: RedisAddress, at now: NIODeadline
    ) -> [Step] {
        roster.prefer(sentinel)
        return settle(
            named.address, epoch: named.epoch ?? primary?.epoch, isAnnounced: false, toldBy: sentinel, at: now)
    }

    private mutating func settle(
        _ address: RedisAddress, epoch: Int?, isAnnounced: Bool, toldBy sentinel: RedisAddress, at now: NIODeadline
    ) -> [Step] {
        phase = .settled
        lastHeard = now
        guard let known = primary, known.address != address else {
            if primary == nil { primary = Primary(address: address, since: now) }
            primary?.epoch = epoch
            if !isAnnounced { primary?.isAnnounced = false }
            return [.offer(address)] + (primary?.isProved == true ? tellFound(at: now) : [])
        }
        primary = Primary(address: address, epoch: epoch, since: now, isAnnounced: isAnnounced)
        failures = 0
        doubtSince = doubtSince ?? now
        lastTold = now
        return [
            .leave(known.address, for: address, toldBy: sentinel),
            .tell(.left(known.address, for: address, toldBy: sentinel)), .offer(address),
        ]
    }
}
