// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisWire

/// Sentinels and servers that say what a test says, at the millisecond that it says. Each step is a line:
/// `100: ask s2`.
struct SentinelScript {
    private(set) var state: SentinelState
    private(set) var time = 0
    /// What chance draws: half of every bound.
    var chance = 0.5

    init(_ sentinels: String...) {
        state = SentinelState(sentinels.map { Self.sentinel($0) }, name: "mymaster")
    }

    static func sentinel(_ host: String) -> RedisAddress { .host(host, port: 26379) }
    static func server(_ host: String) -> RedisAddress { .host(host, port: 6379) }

    private var now: NIODeadline { .uptimeNanoseconds(UInt64(1_000_000 * (100_000 + time))) }

    // MARK: Servers

    /// An attempt wants an address.
    mutating func want() -> [String] {
        let (address, steps) = state.want(at: now, chance: chance)
        return address.map { ["\(time): use \(Self.text($0))"] } ?? lines(steps)
    }

    mutating func prove(_ host: String) -> [String] {
        lines(state.proved(Self.server(host), at: now))
    }

    mutating func refuse(_ host: String, isRefuted: Bool = true) -> [String] {
        lines(state.failed(Self.server(host), isRefuted: isRefuted, at: now, chance: chance))
    }

    mutating func doubt(_ host: String, isConnected: Bool = false) -> [String] {
        lines(
            state.doubt(
                Self.server(host), because: "the connection was lost", isConnected: isConnected, at: now, chance: chance
            ))
    }

    // MARK: Sentinels

    mutating func answer(
        _ sentinel: String, _ host: String, _ epoch: Int?, isDown: Bool = false, id: String? = nil,
        peers: [SentinelPeer]? = nil
    ) -> [String] {
        let named = NamedPrimary(Self.server(host), epoch: epoch, isDown: isDown)
        return answer(sentinel, SentinelReport(.primary(named), id: id, peers: peers))
    }

    mutating func denyName(_ sentinel: String) -> [String] {
        answer(sentinel, SentinelReport(.nameUnknown))
    }

    private mutating func answer(_ sentinel: String, _ report: SentinelReport) -> [String] {
        lines(state.answered(Self.sentinel(sentinel), report, at: now, chance: chance))
    }

    mutating func fail(_ sentinel: String, _ cause: String = "connection refused", refusal: String? = nil) -> [String] {
        let problem = SentinelProblem(Self.sentinel(sentinel), cause, refusal: refusal)
        return lines(state.failed(problem, at: now, chance: chance))
    }

    mutating func announce(_ sentinel: String, _ host: String, name: String = "mymaster") -> [String] {
        announce(sentinel, .switched(name: name, to: Self.server(host)))
    }

    mutating func announce(_ sentinel: String, _ event: SentinelEvent) -> [String] {
        lines(state.announced(event, by: Self.sentinel(sentinel), at: now))
    }

    // MARK: Time

    /// Lets time pass, and what is due happen when it is due.
    mutating func pass(until end: Int) -> [String] {
        var lines: [String] = []
        while let due = nextWake, due <= end {
            time = max(time, due)
            lines += self.lines(state.wake(at: now, chance: chance))
            precondition(nextWake.map { $0 > time } ?? true, "a wake-up that is followed by itself burns a core")
        }
        time = end
        return lines
    }

    private var nextWake: Int? {
        guard state.nextWake < .distantFuture else { return nil }
        return Int((state.nextWake.uptimeNanoseconds + 999_999) / 1_000_000) - 100_000
    }

    // MARK: Lines

    private func lines(_ steps: [SentinelState.Step]) -> [String] {
        steps.map { step in
            let line =
                switch step {
                case .ask(let sentinel, let forPeers): "ask \(Self.text(sentinel))\(forPeers ? " and for others" : "")"
                case .drop(let sentinel): "drop \(Self.text(sentinel))"
                case .offer(let server): "offer \(Self.text(server))"
                case .leave(let old, let new, let sentinel):
                    "leave \(Self.text(old)) for \(Self.text(new)), says \(Self.text(sentinel))"
                case .refuse(let failure): "refuse: \(failure.error("mymaster").message)"
                case .tell(let note): "tell: \(note.sentence(about: "mymaster"))"
                }
            return "\(time): \(line)"
        }
    }

    private static func text(_ address: RedisAddress) -> String {
        guard case .host(let host, _) = address else { return "\(address)" }
        return host
    }
}
