// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// How long things take in asking Sentinels.
struct SentinelTimes: Sendable {
    /// How long one Sentinel may take before the next one is asked as well.
    var hedge = TimeAmount.milliseconds(100)
    /// How long a Sentinel may take, connecting included.
    var patience = TimeAmount.milliseconds(500)
    /// How long the answers of others are waited for after the first one.
    var window = TimeAmount.milliseconds(100)
    /// How often each Sentinel is asked while all is well, since an announcement can be lost.
    var poll = TimeAmount.seconds(10)
    /// How often while the primary has not proved that it is one.
    var doubtfulPoll = TimeAmount.seconds(1)
    /// How often a Sentinel is asked for the others.
    var peers = TimeAmount.seconds(30)
    /// The bound of the first wait before the Sentinels are asked again.
    var shortestRest = TimeAmount.milliseconds(100)
    /// The bound of every wait, while no Sentinel gives an address.
    var longestRest = TimeAmount.seconds(2)
    /// The bound of every wait, while the server that they name is no primary.
    var longestRestAfterRefusal = TimeAmount.seconds(1)
    /// How long Sentinels may lag behind the first one that announces a switch; the one that leads is 1.1 s late.
    var lag = TimeAmount.seconds(3)
    /// How long a person is not told of another doubt.
    var silence = TimeAmount.seconds(10)
    /// After how long without an answer of any Sentinel a person is told.
    var deafness = TimeAmount.seconds(15)
}

/// The Sentinels that are asked and listened to, as a pure value: which there are, which answer, when each is asked
/// next.
struct SentinelRoster {
    /// How many Sentinels there are at most, unless more are configured; each has a connection.
    static let most = 5

    /// One Sentinel.
    struct Member {
        let address: RedisAddress
        let isConfigured: Bool
        var id: String?
        /// Until when it may answer; `nil` if it is not being asked.
        var deadline: NIODeadline?
        /// When it is asked next without a reason.
        var next: NIODeadline
        /// How often it failed since it answered.
        var failures = 0
    }

    private let times: SentinelTimes
    /// The one that was right last comes first.
    private(set) var members: [Member]
    private var peersDue = NIODeadline.uptimeNanoseconds(0)

    init(_ configured: [RedisAddress], times: SentinelTimes) {
        self.times = times
        var seen: Set<RedisAddress> = []
        members = configured.filter { seen.insert($0.folded).inserted }
            .map { Member(address: $0, isConfigured: true, next: .distantFuture) }
    }

    /// The Sentinels that are being asked now.
    var asked: Set<RedisAddress> { Set(members.filter { $0.deadline != nil }.map(\.address)) }

    /// When something is due.
    var nextWake: NIODeadline { members.map { $0.deadline ?? $0.next }.min() ?? .distantFuture }

    /// The Sentinels whose time to answer is over.
    func late(at now: NIODeadline) -> [RedisAddress] {
        members.filter { $0.deadline.map { $0 <= now } ?? false }.map(\.address)
    }

    /// The Sentinels that are to be asked again.
    func due(at now: NIODeadline) -> [RedisAddress] {
        members.filter { $0.next <= now && $0.deadline == nil }.map(\.address)
    }
}

/// What happens to them.
extension SentinelRoster {
    /// One is asked; returns whether also for the others, `nil` if it is being asked already.
    mutating func ask(_ address: RedisAddress, at now: NIODeadline) -> Bool? {
        guard let index = index(of: address), members[index].deadline == nil else { return nil }
        members[index].deadline = now + times.patience
        members[index].next = .distantFuture
        guard peersDue <= now else { return false }
        peersDue = now + times.peers
        return true
    }

    /// One has answered, and is asked again after a while.
    ///
    /// - Returns: the Sentinels that turn out to be others by another address, or to be gone.
    mutating func answered(
        _ address: RedisAddress, _ report: SentinelReport, isCalm: Bool, at now: NIODeadline, chance: Double
    ) -> [RedisAddress] {
        guard let index = index(of: address) else { return [] }
        let pause = isCalm ? times.poll : times.doubtfulPoll
        members[index].deadline = nil
        // Whoever wanted it to be asked while it was being asked wants a fresh answer.
        let isHurried = members[index].next <= now
        members[index].next = isHurried ? now : now + pause * (0.8 + 0.4 * chance)
        members[index].failures = 0
        members[index].id = report.id ?? members[index].id
        let id = members[index].id
        var gone = members.filter { !$0.isConfigured && $0.address != address && $0.id == id && id != nil }
        if let peers = report.peers {
            add(peers)
            gone += members.filter { member in
                !member.isConfigured && member.failures > 0 && !peers.contains { $0.address == member.address }
            }
        }
        let addresses = Set(gone.map(\.address))
        members.removeAll { addresses.contains($0.address) }
        return Array(addresses)
    }

    /// One has not answered, or its connection is lost. It is asked again soon, and for the others by somebody else.
    mutating func failed(_ address: RedisAddress, at now: NIODeadline, chance: Double) {
        guard let index = index(of: address) else { return }
        let bound = min(times.poll, times.shortestRest * (1 << min(members[index].failures, 12)))
        members[index].deadline = nil
        members[index].failures += 1
        members[index].next = now + bound * (0.5 + 0.5 * chance)
        peersDue = now
    }

    /// Another Sentinel has come: the next question is for the others, too.
    mutating func wantPeers(of address: RedisAddress, at now: NIODeadline) {
        peersDue = now
        hurry(address, at: now)
    }

    /// One is to be asked now.
    mutating func hurry(_ address: RedisAddress, at now: NIODeadline) {
        if let index = index(of: address) { members[index].next = now }
    }

    /// One was right: it is asked first from now on.
    mutating func prefer(_ address: RedisAddress) {
        if let index = index(of: address) { members.insert(members.remove(at: index), at: 0) }
    }

    private mutating func add(_ peers: [SentinelPeer]) {
        for peer in peers where members.count < Self.most {
            let isKnown = members.contains { member in
                member.address.folded == peer.address.folded || peer.id != nil && member.id == peer.id
            }
            if isKnown { continue }
            members.append(
                Member(address: peer.address, isConfigured: false, id: peer.id, next: .uptimeNanoseconds(0)))
        }
    }

    private func index(of address: RedisAddress) -> Int? {
        members.firstIndex { $0.address == address }
    }
}
