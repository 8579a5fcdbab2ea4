// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisWire
import Testing

/// A policy that can be called within an expectation.
private final class PolicyOfTest {
    private var policy = RefreshPolicy()

    var isAsking: Bool { policy.isAsking }

    func want(at now: NIODeadline, nodes: Int, isUrgent: Bool = false, chance: Double) -> NIODeadline? {
        policy.want(at: now, nodes: nodes, isUrgent: isUrgent, chance: chance)
    }

    func begin(at now: NIODeadline) -> Bool { policy.begin(at: now) }

    func end(isNew: Bool, at now: NIODeadline, nodes: Int, chance: Double) -> NIODeadline {
        policy.end(isNew: isNew, at: now, nodes: nodes, chance: chance)
    }

    func learned() { policy.learned() }
}

@Suite struct RefreshPolicyTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func at(_ milliseconds: Int64) -> NIODeadline { start + .milliseconds(milliseconds) }

    @Test(arguments: [(0.0, 3, 0), (1.0, 3, 50), (0.5, 100, 25), (1.0, 1000, 500)] as [(Double, Int, Int64)])
    func theFirstQuestionWaitsALittleByChance(chance: Double, nodes: Int, delay: Int64) {
        #expect(PolicyOfTest().want(at: start, nodes: nodes, isUrgent: true, chance: chance) == at(delay))
        #expect(PolicyOfTest().want(at: start, nodes: nodes, chance: chance) == at(8 * delay))
    }

    @Test func aHundredProcessesDoNotAskInTheSameMoment() {
        var random = SeededGenerator(seed: 15)
        var times = (0..<100).map { _ in (policy: PolicyOfTest(), due: start) }
        for index in times.indices {
            let chance = Double.random(in: 0...1, using: &random)
            times[index].due = times[index].policy.want(at: start, nodes: 6, chance: chance) ?? start
        }
        for _ in 0..<6 {
            let buckets = Dictionary(grouping: times) { ($0.due - start).nanoseconds / 50_000_000 }
            #expect(buckets.values.map(\.count).max() ?? 0 <= 25)
            for index in times.indices {
                let (policy, due) = times[index]
                let chance = Double.random(in: 0...1, using: &random)
                _ = policy.begin(at: due)
                _ = policy.want(at: due, nodes: 6, chance: chance)
                times[index].due = policy.end(isNew: false, at: due, nodes: 6, chance: chance)
            }
        }
    }

    @Test func thereIsOneQuestionHoweverManyReasons() {
        let policy = PolicyOfTest()
        #expect(policy.want(at: start, nodes: 3, chance: 0) == start)
        #expect(policy.want(at: start, nodes: 3, chance: 0) == nil)
        #expect(policy.begin(at: start))
        #expect(!policy.begin(at: start))
        #expect(policy.isAsking)
        #expect(policy.want(at: at(10), nodes: 3, chance: 0) == nil)
    }

    @Test func whileTheAnswerIsTheSameThePausesGrow() {
        let policy = PolicyOfTest()
        var now = start
        var pauses: [Int64] = []
        _ = policy.want(at: now, nodes: 3, chance: 0)
        for _ in 0..<8 {
            #expect(policy.begin(at: now))
            _ = policy.want(at: now, nodes: 3, chance: 0)
            let next = policy.end(isNew: false, at: now, nodes: 3, chance: 0)
            pauses.append((next - now).nanoseconds / 1_000_000)
            now = next
        }
        #expect(pauses == [400, 800, 1600, 3200, 5000, 5000, 5000, 5000])
    }

    @Test func anotherAnswerMakesThePausesShort() {
        let policy = PolicyOfTest()
        var now = start
        _ = policy.want(at: now, nodes: 3, chance: 0)
        for isNew in [false, false, false, true] {
            _ = policy.begin(at: now)
            _ = policy.want(at: now, nodes: 3, chance: 0)
            let next = policy.end(isNew: isNew, at: now, nodes: 3, chance: 0)
            if isNew { #expect(next - now == .milliseconds(200)) }
            now = next
        }
        _ = policy.begin(at: now)
        policy.learned()
        _ = policy.want(at: now, nodes: 3, chance: 0)
        #expect(policy.end(isNew: false, at: now, nodes: 3, chance: 0) - now == .milliseconds(400))
    }

    @Test(arguments: [(0.0, 48), (0.5, 60), (1.0, 72)] as [(Double, Int64)])
    func withoutAReasonItAsksAboutOnceAMinute(chance: Double, seconds: Int64) {
        let policy = PolicyOfTest()
        _ = policy.want(at: start, nodes: 3, chance: 0)
        _ = policy.begin(at: start)
        #expect(policy.end(isNew: true, at: start, nodes: 3, chance: chance) == start + .seconds(seconds))
        #expect(!policy.begin(at: start + .seconds(seconds - 1)))
        #expect(policy.begin(at: start + .seconds(seconds)))
    }

    @Test func aReasonDoesNotWaitForThePeriod() {
        let policy = PolicyOfTest()
        _ = policy.want(at: start, nodes: 3, chance: 0)
        _ = policy.begin(at: start)
        _ = policy.end(isNew: true, at: start, nodes: 3, chance: 0)
        #expect(policy.want(at: at(10), nodes: 3, chance: 0) == at(200))
        #expect(policy.want(at: at(20), nodes: 3, chance: 0) == nil)
    }

    @Test func afterASilenceThePausesAreShortAgain() {
        let policy = PolicyOfTest()
        var now = start
        _ = policy.want(at: now, nodes: 3, chance: 0)
        for _ in 0..<6 {
            _ = policy.begin(at: now)
            _ = policy.want(at: now, nodes: 3, chance: 0)
            now = policy.end(isNew: false, at: now, nodes: 3, chance: 0)
        }
        _ = policy.begin(at: now)
        _ = policy.end(isNew: false, at: now, nodes: 3, chance: 0)
        let later = now + .seconds(30)
        #expect(policy.want(at: later, nodes: 3, chance: 0) == later)
        _ = policy.begin(at: later)
        _ = policy.want(at: later, nodes: 3, chance: 0)
        #expect(policy.end(isNew: false, at: later, nodes: 3, chance: 0) == later + .milliseconds(400))
    }

    @Test func whoCannotGoOnWithoutAnotherAnswerIsNotLeftWaitingForTheLongPauses() {
        let policy = PolicyOfTest()
        var now = start
        var pauses: [Int64] = []
        _ = policy.want(at: now, nodes: 3, isUrgent: true, chance: 0)
        for count in 1...125 {
            #expect(policy.begin(at: now))
            // Others ask meanwhile who could wait.
            _ = policy.want(at: now, nodes: 3, isUrgent: true, chance: 0)
            _ = policy.want(at: now, nodes: 3, chance: 0)
            let next = policy.end(isNew: false, at: now, nodes: 3, chance: 0)
            if count <= 3 || count > 118 { pauses.append((next - now).nanoseconds / 1_000_000) }
            now = next
        }
        #expect(pauses == [400, 400, 400, 400, 5000, 5000, 5000, 5000, 5000, 5000])
    }

    @Test func aReasonThatIsUrgentDoesNotWaitForAnAppointmentThatIsNot() {
        let policy = PolicyOfTest()
        var now = start
        _ = policy.want(at: now, nodes: 3, chance: 0)
        for _ in 0..<6 {
            _ = policy.begin(at: now)
            _ = policy.want(at: now, nodes: 3, chance: 0)
            now = policy.end(isNew: false, at: now, nodes: 3, chance: 0)
        }
        let lastStart = now - .seconds(5)
        #expect(
            policy.want(at: lastStart + .milliseconds(100), nodes: 3, isUrgent: true, chance: 0)
                == lastStart + .milliseconds(400))
    }

    /// 5,000 redirections a second for ten seconds, every tenth with somebody who waits.
    @Test func aStormOfReasonsIsOneQuestionIn200Milliseconds() {
        var random = SeededGenerator(seed: 16)
        let policy = PolicyOfTest()
        var starts: [NIODeadline] = []
        var due: NIODeadline?
        for reason in 0..<50_000 {
            let now = start + .microseconds(200 * Int64(reason))
            let chance = Double.random(in: 0...1, using: &random)
            if let next = policy.want(at: now, nodes: 6, isUrgent: reason % 10 == 0, chance: chance) { due = next }
            if reason % 3 == 0 { policy.learned() }
            guard let begin = due, begin <= now, policy.begin(at: now) else { continue }
            starts.append(now)
            due = policy.end(isNew: reason % 2 == 0, at: now, nodes: 6, chance: chance)
        }
        #expect(starts.count > 25)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= .milliseconds(200) })
    }
}
