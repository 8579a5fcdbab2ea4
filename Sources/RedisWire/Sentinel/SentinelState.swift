// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Where the primary of a name is, as a pure value: what Sentinels say, and what the connections to the server found.
///
///     seeking ──a Sentinel names a server──▶ settled ──doubt──▶ seeking
///      ▲   └─no address─▶ resting                │ ▲              a switch is announced: settled at once, elsewhere
///      └────time is over────┘ ◀──it is no primary─┘
///
/// Settled means that connections go to an address. Each of them proves in its handshake that it leads to a primary.
package struct SentinelState: Sendable {
    /// What to do after a change. Closed by design.
    package enum Step: Sendable, Hashable {
        /// Ask a Sentinel, over its connection or a new one.
        case ask(RedisAddress, forPeers: Bool)
        /// Close the connection to a Sentinel.
        case drop(RedisAddress)
        /// Give the address to every attempt that waits for one.
        case offer(RedisAddress)
        /// Tell every attempt that waits that there is no address.
        case refuse(SentinelFailure)
        /// Close every connection that leads elsewhere: what is written there is lost.
        case leave(RedisAddress, for: RedisAddress, toldBy: RedisAddress)
        /// Tell a person.
        case tell(SentinelNote)
    }

    enum Phase {
        /// Nobody has wanted an address yet; can go to seeking.
        case idle
        /// The Sentinels are asked; can go to settled, resting.
        case seeking(SentinelRound)
        /// There is no use in asking before this time; can go to seeking, settled.
        case resting(until: NIODeadline)
        /// Connections go to the primary's address; can go to seeking, resting.
        case settled
    }

    /// The server that was named last.
    struct Primary {
        var address: RedisAddress
        /// The epoch of the answer that was believed, or the least that an announced switch can have.
        var epoch: Int?
        /// Since when it is this one.
        var since: NIODeadline
        /// Whether it was announced, and no answer has named it so far.
        var isAnnounced = false
        /// Whether a connection has proved since the last doubt that it is a primary.
        var isProved = false
        /// Whether a connection has found that it is none.
        var isRefuted = false
    }

    package let name: String
    let times: SentinelTimes
    var roster: SentinelRoster
    var phase = Phase.idle
    var primary: Primary?
    /// How often no usable address was found since a connection proved the primary.
    var failures = 0
    /// Since when there is a doubt that a person was told of.
    var doubtSince: NIODeadline?
    var lastTold: NIODeadline?
    var lastHeard = NIODeadline.uptimeNanoseconds(0)
    var isDeaf = false

    /// Makes the state for the primary of a name.
    package init(_ sentinels: [RedisAddress], name: String) {
        self.init(sentinels, name: name, times: SentinelTimes())
    }

    init(_ sentinels: [RedisAddress], name: String, times: SentinelTimes) {
        self.name = name
        self.times = times
        roster = SentinelRoster(sentinels, times: times)
    }

    /// The Sentinels that are known now.
    package var sentinels: [RedisAddress] { roster.members.map(\.address) }

    /// When ``wake(at:chance:)`` is due.
    package var nextWake: NIODeadline {
        let next =
            switch phase {
            case .idle: NIODeadline.distantFuture
            case .seeking(let round): round.nextWake
            case .resting(let end): end
            case .settled: isDeaf ? .distantFuture : lastHeard + times.deafness
            }
        return min(next, roster.nextWake)
    }
}

/// What connections to the server want and find.
extension SentinelState {
    /// Returns the address for an attempt to connect; `nil` if it has to wait for one.
    package mutating func want(at now: NIODeadline, chance: Double) -> (address: RedisAddress?, steps: [Step]) {
        switch phase {
        case .settled: (primary?.address, [])
        case .seeking, .resting: (nil, [])
        case .idle: (nil, seek(at: now, chance: chance))
        }
    }

    /// A connection in use was lost, or an error says that this may be no primary any more.
    ///
    /// - Parameter isConnected: Whether the connection is still in use.
    package mutating func doubt(
        _ address: RedisAddress, because cause: String, isConnected: Bool, at now: NIODeadline, chance: Double
    ) -> [Step] {
        guard case .settled = phase, let known = primary, known.address == address else { return [] }
        if !isConnected { primary?.isProved = false }
        guard known.isProved else { return rest(atMost: times.longestRestAfterRefusal, at: now, chance: chance) }
        let steps = seek(at: now, chance: chance)
        if doubtSince != nil { return steps }
        if let lastTold, now < lastTold + times.silence { return steps }
        (doubtSince, lastTold) = (now, now)
        return [.tell(.doubted(address, because: cause))] + steps
    }

    /// An attempt to connect failed.
    ///
    /// - Parameter isRefuted: Whether the server has said that it is no primary.
    package mutating func failed(
        _ address: RedisAddress, isRefuted: Bool, at now: NIODeadline, chance: Double
    ) -> [Step] {
        guard case .settled = phase, let known = primary, known.address == address else { return [] }
        if isRefuted { primary?.isRefuted = true }
        // Another connection may have proved it meanwhile, so the Sentinels are asked at once.
        primary?.isProved = false
        if known.isProved { return seek(at: now, chance: chance) }
        return rest(atMost: times.longestRestAfterRefusal, at: now, chance: chance)
    }

    /// The handshake of a connection has proved that it leads to a primary.
    package mutating func proved(_ address: RedisAddress, at now: NIODeadline) -> [Step] {
        guard var known = primary, known.address == address else { return [] }
        known.isProved = true
        known.isRefuted = false
        primary = known
        failures = 0
        var steps: [Step] = []
        if case .resting = phase {
            phase = .settled
            steps.append(.offer(address))
        }
        return steps + tellFound(at: now)
    }

    /// Tells that the primary is in use, if a person was told of a doubt.
    mutating func tellFound(at now: NIODeadline) -> [Step] {
        guard let since = doubtSince, let address = primary?.address else { return [] }
        doubtSince = nil
        return [.tell(.found(address, after: Duration(now - since)))]
    }
}
