// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// One search for the primary among the Sentinels, as a pure value.
///
/// The first Sentinel is asked alone; the next one as well as soon as the first fails, does not know the name or takes
/// too long; and all others as soon as one names a server, since the one that answers first may be behind.
struct SentinelRound {
    /// What a Sentinel named.
    struct Vote {
        var sentinel: RedisAddress
        var primary: NamedPrimary
    }

    private var unasked: [RedisAddress]
    private var open: Set<RedisAddress>
    private var nextHedge: NIODeadline
    private var end = NIODeadline.distantFuture
    private(set) var votes: [Vote] = []
    private(set) var strangers: [RedisAddress] = []
    private(set) var problems: [SentinelProblem] = []

    /// Begins a search.
    ///
    /// - Parameters:
    ///   - sentinels: All of them, the one that was right last first.
    ///   - asked: Those that are being asked already.
    init(_ sentinels: [RedisAddress], asked: Set<RedisAddress>, at now: NIODeadline) {
        unasked = sentinels.filter { !asked.contains($0) }
        open = asked
        nextHedge = now
    }

    /// When something is due.
    var nextWake: NIODeadline { min(end, unasked.isEmpty ? .distantFuture : nextHedge) }

    /// Whether nobody is left to wait for, or the time for others is over.
    func isOver(at now: NIODeadline) -> Bool {
        end <= now || unasked.isEmpty && open.isEmpty
    }

    /// Returns the Sentinels that are to be asked now.
    mutating func takeDue(at now: NIODeadline, _ times: SentinelTimes) -> [RedisAddress] {
        var due: [RedisAddress] = []
        while let next = unasked.first, end < .distantFuture || nextHedge <= now || open.isEmpty {
            unasked.removeFirst()
            open.insert(next)
            due.append(next)
            nextHedge = now + times.hedge
        }
        return due
    }

    /// A Sentinel has answered.
    mutating func answered(
        _ sentinel: RedisAddress, _ answer: SentinelReport.Answer, at now: NIODeadline, _ times: SentinelTimes
    ) {
        open.remove(sentinel)
        unasked.removeAll { $0 == sentinel }
        switch answer {
        case .primary(let primary):
            votes.append(Vote(sentinel: sentinel, primary: primary))
            end = min(end, now + times.window)
        case .nameUnknown:
            strangers.append(sentinel)
            nextHedge = now
        }
    }

    /// A Sentinel has not answered.
    mutating func failed(_ problem: SentinelProblem, at now: NIODeadline) {
        guard open.remove(problem.sentinel) != nil else { return }
        problems.append(problem)
        nextHedge = now
    }

    /// A Sentinel is not asked any more.
    mutating func forget(_ sentinel: RedisAddress) {
        open.remove(sentinel)
        unasked.removeAll { $0 == sentinel }
    }

    /// The vote that counts: that of the greatest epoch. An older one is behind, however well it reaches its server.
    ///
    /// - Parameter refuted: The server that was named last and is no primary.
    func best(refuted: RedisAddress?) -> Vote? {
        func rank(_ vote: Vote) -> (Int, Int, Int, Int) {
            let address = vote.primary.address
            return (
                vote.primary.epoch ?? -1, address == refuted ? 0 : 1, vote.primary.isDown ? 0 : 1, count(of: address)
            )
        }
        return votes.max { rank($0) < rank($1) }
    }

    /// How many Sentinels named a server.
    func count(of address: RedisAddress) -> Int {
        votes.count { $0.primary.address == address }
    }
}

/// Why a Sentinel gave no answer.
package struct SentinelProblem: Sendable, Hashable {
    /// Which one.
    var sentinel: RedisAddress
    /// Why, in a few words.
    var cause: String
    /// The server's text, if it refuses the login.
    var refusal: String?

    /// Makes one.
    package init(_ sentinel: RedisAddress, _ cause: String, refusal: String? = nil) {
        self.sentinel = sentinel
        self.cause = cause
        self.refusal = refusal
    }

    /// Makes one of an error.
    init(_ sentinel: RedisAddress, _ error: RedisError) {
        self.init(sentinel, error.message, refusal: error.serverError?.reaction == .alarm ? error.message : nil)
    }
}

/// Why a search gave no address. Closed by design.
package enum SentinelFailure: Sendable, Hashable {
    /// No Sentinel answered.
    case noneReachable([SentinelProblem])
    /// Those that answered know no primary of this name.
    case nameUnknown([RedisAddress])
    /// The few that answered are behind: they name a server that was replaced.
    case outdated(RedisAddress, [RedisAddress])

    /// Returns the error for callers that wait for a connection.
    package func error(_ name: String) -> RedisError {
        switch self {
        case .noneReachable(let problems):
            let list = problems.map { "\($0.sentinel) (\($0.cause))" }.joined(separator: ", ")
            let refusals = problems.compactMap(\.refusal)
            guard !problems.isEmpty, refusals.count == problems.count, let text = refusals.first else {
                return RedisError(
                    .connection,
                    "no Sentinel of the primary '\(name)' answers: \(list); are they running, are their addresses right?"
                )
            }
            return RedisError(
                .server,
                "every Sentinel of the primary '\(name)' refuses the login: \(list); check 'username' and 'password' "
                    + "under 'sentinel', since the ones of the data are not sent to Sentinels",
                serverError: ServerError(text))
        case .nameUnknown(let sentinels):
            return RedisError(
                .connection,
                "no Sentinel knows a primary '\(name)', as \(RedisPlace.list(sentinels)) says; is it the name that "
                    + "stands behind 'sentinel monitor' in its configuration?")
        case .outdated(let address, let sentinels):
            return RedisError(
                .connection,
                "only \(RedisPlace.list(sentinels)) answers and still names \(address) as the primary '\(name)', which "
                    + "was replaced; are the other Sentinels running?")
        }
    }
}
