// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// What one call of a handler does.
struct HandlerScript: Sendable {
    /// A way to end.
    enum End: Sendable {
        case returns
        case fails
        case rejects
    }

    /// A verb of a delivery.
    enum Verb: Sendable {
        case ack
        case nack
        case retry(Duration)
        case release
        case deadLetter
        case extend

        static func some(_ dice: Dice, unit: Duration) -> Verb {
            switch dice.number(in: 0...6) {
            case 0, 1: .ack
            case 2: .nack
            case 3: .retry(dice.duration(upTo: min(unit, .seconds(10))))
            case 4: .release
            case 5: .deadLetter
            default: .extend
            }
        }
    }

    /// What it does with one of its messages.
    struct Item: Sendable {
        var verbs: [Verb] = []
        /// Whether it waits for what became of it, once a verb is taken.
        var awaitsSettlement = false
        /// Whether somebody else waits for that, from the beginning.
        var isWatched = false
        /// A verb that is tried when the handler may have ended.
        var late: (verb: Verb, after: Duration)?
    }

    var before = Duration.zero
    var after = Duration.zero
    var ignoresCancellation = false
    /// Whether it goes on until everything that does not end is ended.
    var isEndless = false
    var end = End.returns
    var items: [Item]

    /// Whether its cancellation ends it at once; a call of the provider that it waits for cannot be cancelled.
    var heedsCancellation: Bool {
        let extends = items.flatMap(\.verbs).contains { if case .extend = $0 { true } else { false } }
        return !ignoresCancellation && !extends
    }

    /// Well-behaved.
    init(healthy count: Int, taking before: Duration = .zero) {
        self.before = before
        items = Array(repeating: Item(), count: count)
    }

    init(_ dice: Dice, unit: Duration, count: Int) {
        before = Self.work(dice, unit)
        after = dice.chance(0.5) ? .zero : Self.work(dice, unit)
        ignoresCancellation = dice.chance(0.1)
        isEndless = dice.chance(0.03)
        end = dice.chance(0.6) ? .returns : dice.chance(0.8) ? .fails : .rejects
        items = (0..<count).map { _ in Item(dice, unit: unit) }
    }

    private static func work(_ dice: Dice, _ unit: Duration) -> Duration {
        switch dice.number(in: 0...9) {
        case 0...3: .zero
        case 4...7: dice.duration(upTo: unit / 4)
        case 8: dice.duration(upTo: unit * 3)
        default: dice.duration(upTo: .seconds(8))
        }
    }
}

extension HandlerScript.Item {
    init(_ dice: Dice, unit: Duration) {
        if dice.chance(0.4) { verbs.append(.some(dice, unit: unit)) }
        if !verbs.isEmpty, dice.chance(0.4) { verbs.append(.some(dice, unit: unit)) }
        awaitsSettlement = dice.chance(0.2)
        isWatched = dice.chance(0.1)
        if dice.chance(0.1) { late = (.some(dice, unit: unit), dice.duration(upTo: unit)) }
    }
}
