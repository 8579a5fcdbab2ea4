// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// When the map of a cluster is asked for again, as a pure value.
///
/// One question at a time, however many reasons there are. While the answer stays the same the pauses grow, and each
/// process draws its own, so that a thousand clients do not ask in the same moment. Where somebody cannot go on without
/// another answer, the pauses stay short for as long as a failover may take.
package struct RefreshPolicy: Sendable {
    /// The pauses between questions: the first one, the longest one while somebody waits for the answer, and the one that
    /// no pause exceeds.
    package static let pauses = (
        shortest: TimeAmount.milliseconds(200), urgent: TimeAmount.milliseconds(400), longest: TimeAmount.seconds(5)
    )
    /// How many answers in a row may be the same before those who wait are given longer pauses: about a minute.
    package static let patience = 120
    /// The longest wait before a question, where somebody waits for the answer and where nobody does; in clusters of more
    /// than a hundred nodes it grows with them. All processes learn of a failover in the same moment.
    package static let spread = (urgent: TimeAmount.milliseconds(50), usual: TimeAmount.milliseconds(400))
    /// How often the map is asked for without a reason, give or take a fifth.
    package static let period = TimeAmount.seconds(60)

    private enum Phase {
        case idle
        /// The next question begins then.
        case scheduled(NIODeadline)
        /// The question is out; `again` is the reason to ask once more that has come since.
        case asking(again: Reason?)
    }

    private enum Reason {
        case usual, urgent
    }

    private var phase = Phase.idle
    private var pause = Self.pauses.shortest
    private var lastStart: NIODeadline?
    private var answersAlike = 0

    /// Makes a policy before the first question.
    package init() {}

    /// Whether a question is out.
    package var isAsking: Bool {
        if case .asking = phase { true } else { false }
    }

    /// Notes a reason to ask; returns when to begin, `nil` if that is settled already.
    ///
    /// - Parameters:
    ///   - isUrgent: Whether somebody cannot go on without the answer. Whoever follows redirections can.
    ///   - chance: A number from 0 to 1 drawn at random.
    package mutating func want(
        at now: NIODeadline, nodes: Int, isUrgent: Bool = false, chance: Double
    ) -> NIODeadline? {
        let reason = isUrgent ? Reason.urgent : .usual
        let sooner = earliest(now, nodes, reason, chance)
        switch phase {
        case .asking(let known):
            phase = .asking(again: known == .urgent ? known : reason)
            return nil
        case .scheduled(let due):
            if due <= sooner { return nil }
            return schedule(sooner)
        case .idle: return schedule(sooner)
        }
    }

    /// Begins the question that is due; returns false if none is.
    package mutating func begin(at now: NIODeadline) -> Bool {
        guard case .scheduled(let due) = phase, due <= now else { return false }
        phase = .asking(again: nil)
        lastStart = now
        return true
    }

    /// Notes the answer; returns when to ask again: soon if there was a reason meanwhile, else after the period.
    ///
    /// - Parameter isNew: Whether the answer differs from the last one.
    package mutating func end(isNew: Bool, at now: NIODeadline, nodes: Int, chance: Double) -> NIODeadline {
        pause = isNew ? Self.pauses.shortest : min(pause + pause, Self.pauses.longest)
        answersAlike = isNew ? 0 : answersAlike + 1
        if case .asking(again: let reason?) = phase { return schedule(earliest(now, nodes, reason, chance)) }
        return schedule(now + Self.period * (0.8 + 0.4 * chance))
    }

    /// Notes that the map has changed otherwise, so that the next answer will hardly be the last one.
    package mutating func learned() {
        pause = Self.pauses.shortest
        answersAlike = 0
    }

    private mutating func schedule(_ due: NIODeadline) -> NIODeadline {
        phase = .scheduled(due)
        return due
    }

    private mutating func earliest(
        _ now: NIODeadline, _ nodes: Int, _ reason: Reason, _ chance: Double
    ) -> NIODeadline {
        let spread = reason == .urgent ? Self.spread.urgent : Self.spread.usual
        let first = now + spread * (chance * max(1, Double(nodes) / 100))
        guard let lastStart else { return first }
        // After a long silence, the answer is not the last one any more.
        if now - lastStart > Self.pauses.longest + Self.pauses.longest { learned() }
        let isHurried = reason == .urgent && answersAlike < Self.patience
        let pause = isHurried ? min(pause, Self.pauses.urgent) : pause
        return max(first, lastStart + pause * (1 + 0.5 * chance))
    }
}
