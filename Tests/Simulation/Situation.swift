// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// What a seed draws before anything happens: the groups, the kinds of processes, and the script of disorder.
struct Situation: Sendable {
    /// How one kind of process consumes.
    struct Member: Sendable {
        var concurrency: Int
        var prefetch: Int
        var visibility: Duration
        var timeout: Duration?
        var batch: BatchSize?
    }

    /// Something that happens to the processes, the backend or the time. Processes are counted modulo their number.
    enum Step: Sendable {
        case publish(process: Int, count: Int, patience: Duration?)
        case request(process: Int, timeout: Duration, patience: Duration?)
        case pass(Duration)
        case kill(Int)
        case drain(Int)
        case removeHandler(process: Int, group: Int)
        case addHandlers(Int)
        case destroyGroup(Int)
        case deleteConsumer(UInt64)
        case remake(newest: Int)
        case delete(UInt64)
        case purge
        case shiftWallClock(Duration)
        case misbehave(process: Int, rates: [InjectedRate])
        case cut(Int)
        case restore(Int)
        case release(Int)
        case freeze(Int, Duration)
        case restart(SimulatedServer.Loss, depth: Int, after: Duration)
        case stepServerClock(Duration)
        case serverMood(ServerMood)
    }

    /// The name of the provider of these configurations.
    static let provider = "simulated"

    let groups: [GroupName]
    let ordering: Ordering
    let attempts: Int
    let deadLetters: Bool
    let keys: Int
    /// How much may wait behind keys without taking room from others.
    let backlog: Int
    let drain: Duration
    /// The measure of this situation's times: about a visibility timeout.
    let unit: Duration
    let members: [Member]
    let steps: [Step]
    /// Whether one of the disturbed processes is the healthy one in the end, with all that it has got stuck in.
    let endsWithVeteran: Bool

    init(_ dice: Dice) {
        groups = dice.chance(0.3) ? ["billing", "search"] : ["billing"]
        ordering = dice.one(of: Ordering.allCases)
        attempts = dice.number(in: 1...6)
        deadLetters = dice.chance(0.85)
        keys = dice.number(in: 1...5)
        backlog = dice.number(in: 0...12)
        drain = .seconds(dice.number(in: 0...15))
        let unit = dice.visibility()
        self.unit = unit
        members = (0..<dice.number(in: 1...3)).map { _ in Member(dice, unit: unit) }
        let wildness = dice.number(in: 0..<1.0)
        steps = (0..<dice.number(in: 12...36)).flatMap { _ in Step.some(dice, unit: unit, wildness: wildness) }
        endsWithVeteran = dice.chance(0.6)
    }

    /// The key of a message, which follows from its number.
    func key(of number: Int) -> String? { number % 7 == 0 ? nil : "k\(number % keys)" }

    /// The message of a number.
    func message(_ number: Int) -> Message { Message(Payload("\(number)"), key: key(of: number)) }

    /// What is kept in order with a message of that number; `nil` when nothing is.
    func order(of number: Int) -> String? {
        switch ordering {
        case .none: nil
        case .key: key(of: number)
        case .stream: "all"
        }
    }

    /// How many messages a consumer of a kind may hold: what it has not decided about, what waits behind keys, and what
    /// a flush settles.
    func room(of member: Member) -> Int {
        member.capacity + member.capacity / 2 + (ordering == .none ? 0 : backlog)
    }

    /// How failed messages are retried.
    var policy: RetryPolicy {
        RetryPolicy(attempts: attempts, initial: unit / 4, maximum: .seconds(20))
    }

    func configuration(of member: Member) -> BrokersConfiguration {
        let options = ConsumerOptions(
            visibility: member.visibility, timeout: member.timeout,
            retry: RetryOptions(attempts: attempts, initial: policy.initial, maximum: policy.maximum),
            deadLetterEnabled: deadLetters, concurrency: member.concurrency, prefetch: member.prefetch,
            ordering: ordering)
        let stream = StreamConfiguration("orders", groups: groups.map { GroupConfiguration($0, options) })
        return BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: Self.provider)], drain: drain, streams: [stream])
    }
}

extension Situation.Member {
    init(_ dice: Dice, unit: Duration) {
        concurrency = dice.chance(0.5) ? dice.one(of: [1, 2, 4, 16, 20, 64]) : dice.number(in: 1...64)
        prefetch = dice.chance(0.5) ? dice.one(of: [0, 1, 8, 16, 64]) : dice.number(in: 0...64)
        visibility = min(max(unit * dice.number(in: 0.5..<2), .milliseconds(100)), .seconds(30))
        timeout = dice.chance(0.4) ? .milliseconds(1) + dice.duration(upTo: unit * 2) : nil
        batch = dice.chance(0.3) ? .upTo(dice.number(in: 1...8), within: dice.duration(upTo: unit / 2)) : nil
    }

    /// How many messages a consumer of this kind may hold undecided, besides what waits behind keys.
    var capacity: Int { concurrency * (batch?.limit ?? 1) + prefetch }

    /// What it allows its handlers.
    var limits: HandlingRules.Limits { .init(concurrency: concurrency, timeout: timeout, isBatch: batch != nil) }
}

extension Situation.Step {
    /// One thing that happens, and then time.
    fileprivate static func some(_ dice: Dice, unit: Duration, wildness: Double) -> [Self] {
        let event = dice.chance(0.3 + wildness / 2) ? disorder(dice, unit: unit) : publishing(dice, unit: unit)
        let pause = dice.chance(0.8) ? dice.duration(upTo: unit * 2) : dice.duration(upTo: .seconds(8))
        return [event, .pass(pause)] + (dice.chance(0.4) ? [.release(dice.number(in: 0...2))] : [])
    }

    /// Some callers are cancelled after a while, mostly a short one.
    private static func publishing(_ dice: Dice, unit: Duration) -> Self {
        let process = dice.number(in: 0...2)
        let patience = dice.chance(0.3) ? dice.duration(upTo: dice.chance(0.5) ? .zero : unit) : nil
        if dice.chance(0.1) {
            return .request(process: process, timeout: dice.duration(upTo: unit), patience: patience)
        }
        return .publish(process: process, count: dice.number(in: 1...12), patience: patience)
    }

    /// Most servers keep what they have.
    private static func restart(_ dice: Dice) -> Self {
        let loss = dice.chance(0.6) ? SimulatedServer.Loss.nothing : dice.one(of: [.tail, .tail, .everything])
        return .restart(loss, depth: dice.number(in: 0...2), after: dice.duration(upTo: .seconds(3)))
    }

    private static func disorder(_ dice: Dice, unit: Duration) -> Self {
        let process = dice.number(in: 0...2)
        switch dice.number(in: 0...24) {
        case 0, 1: return .kill(process)
        case 2, 3: return .drain(process)
        case 4: return .removeHandler(process: process, group: dice.number(in: 0...1))
        case 5, 6: return .addHandlers(process)
        case 7: return dice.chance(0.3) ? .destroyGroup(dice.number(in: 0...1)) : .restore(process)
        case 8: return .delete(dice.bits())
        case 9: return dice.chance(0.3) ? .purge : .release(process)
        case 10: return .shiftWallClock(.seconds(dice.number(in: -4000...4000)))
        case 11, 12: return .cut(process)
        case 13: return .restore(process)
        case 14: return dice.chance(0.4) ? .deleteConsumer(dice.bits()) : .restore(process)
        case 15 where dice.chance(0.25): return .remake(newest: dice.number(in: 1...16))
        case 15: return .freeze(process, .milliseconds(1) + dice.duration(upTo: unit * 4))
        case 16: return restart(dice)
        case 17:
            return dice.chance(0.3) ? .stepServerClock(.milliseconds(dice.number(in: -60_000...60_000))) : .pass(unit)
        case 18, 19: return .serverMood(dice.chance(0.5) ? .some(dice) : .good)
        default: return .misbehave(process: process, rates: InjectedRate.some(dice))
        }
    }
}
