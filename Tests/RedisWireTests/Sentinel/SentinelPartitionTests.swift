// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisWire
import Testing

/// Failovers, lags, cuts and silences in an order that chance draws: whatever came before, the connection leads to the
/// primary in the end.
@Suite struct SentinelPartitionTests {
    @Test(arguments: 1...400 as ClosedRange<UInt64>)
    func theConnectionLeadsToThePrimaryInTheEnd(_ seed: UInt64) {
        var world = SentinelWorld(seed: seed)
        world.disturb(until: 60_000)
        world.heal()
        world.pass(until: 90_000)
        #expect(world.connected == world.primary, "\(world.log.suffix(40).joined(separator: "\n"))")
        #expect(world.asks < 60 * 90, "\(world.asks) questions in 90 s")
    }

    /// While Sentinels can be cut off and no announcement is lost or late, nobody goes back to a former primary.
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func whoKnowsTheNewPrimaryNeverGoesBack(_ seed: UInt64) {
        var world = SentinelWorld(seed: seed, hasLateAnnouncements: false)
        world.disturb(until: 60_000)
        #expect(world.wentBack == [], "\(world.log.suffix(60).joined(separator: "\n"))")
    }
}

/// Three Sentinels, three servers, the lines between them, and one connection, in virtual milliseconds.
struct SentinelWorld {
    private enum Event {
        case failOver
        case learn(sentinel: Int, epoch: Int, announces: Bool)
        case answer(sentinel: Int, token: Int)
        case lose(sentinel: Int, token: Int)
        case connected(server: Int, token: Int)
        case cut(sentinel: Int, isCut: Bool)
        case demoted(server: Int, epoch: Int)
        case breakConnection
    }

    private struct View {
        var server = 0
        var epoch = 0
        var isCut = false
        var token = 0
    }

    private let hasLateAnnouncements: Bool
    private var random: SeededGenerator
    private var state: SentinelState
    private var queue: [(time: Int, order: Int, event: Event)] = []
    private var order = 0
    private var time = 0
    private var epoch = 0
    private var holders = [0]
    /// Servers that take themselves for a primary.
    private var writable: Set<Int> = [0]
    private var views = [View(), View(), View()]
    private var attempt = 0
    private var isDisturbed = true

    /// The server that is the primary.
    private(set) var primary = 0
    /// The server to which the connection leads.
    private(set) var connected: Int?
    private(set) var asks = 0
    private(set) var wentBack: [String] = []
    private(set) var log: [String] = []
    private var newestProved = 0

    init(seed: UInt64, hasLateAnnouncements: Bool = true) {
        self.hasLateAnnouncements = hasLateAnnouncements
        random = SeededGenerator(seed: seed &* 7919)
        state = SentinelState((0..<3).map { Self.sentinel($0) }, name: "mymaster")
        want()
    }

    private static func sentinel(_ index: Int) -> RedisAddress { .host("s\(index)", port: 26379) }
    private static func server(_ index: Int) -> RedisAddress { .host("a\(index)", port: 6379) }
    private static func index(_ address: RedisAddress) -> Int {
        Int("\(address)".split(separator: ":")[0].dropFirst()) ?? 0
    }

    mutating func disturb(until end: Int) {
        var at = 0
        while at < end - 12_000 {
            at += Int.random(in: 50...8000, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1, 2: schedule(.failOver, at: at)
            case 3:
                let sentinel = Int.random(in: 0..<3, using: &random)
                schedule(.cut(sentinel: sentinel, isCut: true), at: at)
                schedule(.cut(sentinel: sentinel, isCut: false), at: at + Int.random(in: 100...9000, using: &random))
            case 4: schedule(.lose(sentinel: Int.random(in: 0..<3, using: &random), token: -1), at: at)
            default: schedule(.breakConnection, at: at)
            }
        }
        pass(until: end)
    }

    /// From now on every line works, and every Sentinel learns.
    mutating func heal() {
        isDisturbed = false
        for sentinel in views.indices {
            views[sentinel].isCut = false
            schedule(.learn(sentinel: sentinel, epoch: epoch, announces: false), at: time + 1)
        }
        for server in writable where server != primary {
            schedule(.demoted(server: server, epoch: epoch), at: time + 1)
        }
    }

    mutating func pass(until end: Int) {
        while true {
            let due = Int((min(state.nextWake, .distantFuture).uptimeNanoseconds / 1_000_000)) - 100_000
            let next = queue.first?.time ?? .max
            if min(due, next) > end { break }
            if next <= due {
                let event = queue.removeFirst()
                time = max(time, event.time)
                happen(event.event)
            } else {
                // A millisecond later, since what is due is due within one.
                time = max(time, due + 1)
                perform(state.wake(at: now, chance: chance()))
            }
        }
        time = end
    }

    private var now: NIODeadline { .uptimeNanoseconds(UInt64(1_000_000 * (100_000 + time))) }
    private mutating func chance() -> Double { .random(in: 0...1, using: &random) }

    private mutating func schedule(_ event: Event, at time: Int) {
        order += 1
        queue.append((time, order, event))
        queue.sort { ($0.time, $0.order) < ($1.time, $1.order) }
    }

    // MARK: What happens

    private mutating func happen(_ event: Event) {
        switch event {
        case .failOver: failOver()
        case .learn(let sentinel, let epoch, let announces): learn(sentinel, epoch, announces)
        case .cut(let sentinel, let isCut):
            views[sentinel].isCut = isCut
            if !isCut { schedule(.learn(sentinel: sentinel, epoch: epoch, announces: true), at: time + 50) }
        case .demoted(let server, let epoch):
            guard epoch == self.epoch, server != primary else { return }
            writable.remove(server)
            if connected == server { lose("was demoted") }
        case .breakConnection: if connected != nil { lose("broke") }
        case .connected(let server, let token): finish(server, token)
        case .answer(let sentinel, let token): answer(sentinel, token)
        case .lose(let sentinel, let token):
            guard token < 0 || token == views[sentinel].token else { return }
            views[sentinel].token += 1
            perform(state.failed(SentinelProblem(Self.sentinel(sentinel), "lost"), at: now, chance: chance()))
        }
    }

    private mutating func failOver() {
        // At least two must see each other to fail over.
        guard isDisturbed, views.count(where: { !$0.isCut }) > 1 else { return }
        let old = primary
        epoch += Int.random(in: 1...2, using: &random)
        primary = (old + Int.random(in: 1...2, using: &random)) % 3
        while holders.count <= epoch { holders.append(primary) }
        writable.insert(primary)
        log.append("\(time): FAILOVER a\(old) -> a\(primary), epoch \(epoch)")
        schedule(.demoted(server: old, epoch: epoch), at: time + 11_000)
        for sentinel in views.indices where !views[sentinel].isCut {
            let lag = hasLateAnnouncements ? Int.random(in: 0...1200, using: &random) : 0
            let isTold = !hasLateAnnouncements || Int.random(in: 0..<4, using: &random) > 0
            schedule(.learn(sentinel: sentinel, epoch: epoch, announces: isTold), at: time + lag)
        }
    }

    private mutating func learn(_ sentinel: Int, _ epoch: Int, _ announces: Bool) {
        guard !views[sentinel].isCut, epoch >= views[sentinel].epoch else { return }
        let isNews = views[sentinel].server != holders[epoch]
        views[sentinel].server = holders[epoch]
        views[sentinel].epoch = epoch
        guard announces, isNews else { return }
        log.append("\(time): s\(sentinel) announces a\(holders[epoch])")
        perform(
            state.announced(
                .switched(name: "mymaster", to: Self.server(holders[epoch])), by: Self.sentinel(sentinel), at: now))
    }

    private mutating func answer(_ sentinel: Int, _ token: Int) {
        guard token == views[sentinel].token else { return }
        let view = views[sentinel]
        log.append("\(time): s\(sentinel) answers a\(view.server), epoch \(view.epoch)")
        let named = NamedPrimary(Self.server(view.server), epoch: view.epoch)
        perform(
            state.answered(Self.sentinel(sentinel), SentinelReport(.primary(named)), at: now, chance: chance()))
    }

    private mutating func finish(_ server: Int, _ token: Int) {
        guard token == attempt else { return }
        guard writable.contains(server) else {
            log.append("\(time): a\(server) is no primary")
            perform(state.failed(Self.server(server), isRefuted: true, at: now, chance: chance()))
            return want()
        }
        log.append("\(time): connected to a\(server)")
        connected = server
        let proved = holders.lastIndex(of: server) ?? 0
        if server != primary, proved < newestProved { wentBack.append("\(time): a\(server)") }
        newestProved = max(newestProved, proved)
        perform(state.proved(Self.server(server), at: now))
    }

    private mutating func lose(_ why: String) {
        guard let server = connected else { return }
        log.append("\(time): the connection to a\(server) \(why)")
        connected = nil
        perform(
            state.doubt(Self.server(server), because: why, isConnected: false, at: now, chance: chance()))
        want()
    }

    private mutating func want() {
        attempt += 1
        let (address, steps) = state.want(at: now, chance: chance())
        if let address { connect(Self.index(address)) }
        perform(steps)
    }

    private mutating func connect(_ server: Int) {
        attempt += 1
        schedule(.connected(server: server, token: attempt), at: time + Int.random(in: 1...20, using: &random))
    }

    private mutating func perform(_ steps: [SentinelState.Step]) {
        for step in steps {
            switch step {
            case .ask(let sentinel, _): ask(Self.index(sentinel))
            case .drop(let sentinel): views[Self.index(sentinel)].token += 1
            case .offer(let server): if connected == nil { connect(Self.index(server)) }
            case .leave(_, let server, _):
                log.append("\(time): leave for \(server)")
                connected = nil
            case .refuse(let failure): log.append("\(time): \(failure)")
            case .tell: break
            }
        }
    }

    private mutating func ask(_ sentinel: Int) {
        asks += 1
        views[sentinel].token += 1
        let token = views[sentinel].token
        switch isDisturbed ? Int.random(in: 0..<10, using: &random) : 9 {
        case 0: break
        case 1: schedule(.lose(sentinel: sentinel, token: token), at: time + 1)
        case 2: schedule(.answer(sentinel: sentinel, token: token), at: time + Int.random(in: 1...700, using: &random))
        default: schedule(.answer(sentinel: sentinel, token: token), at: time + Int.random(in: 1...5, using: &random))
        }
    }
}
