// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

extension Instant {
    /// So much after the beginning of a test.
    static func after(_ duration: Duration) -> Instant { Instant(nanoseconds: 0) + duration }
    static let start = Instant(nanoseconds: 0)
}

extension RunnerID {
    static let first = RunnerID(lane: 0, incarnation: 1)
    static let second = RunnerID(lane: 1, incarnation: 1)
}

extension LeaseTable {
    /// A table with a visibility timeout of 30 s.
    init(timeout: Duration? = nil, warnAfter: Duration? = nil, cancelsOnLoss: Bool = true) {
        self.init(
            visibility: .seconds(30), timeout: timeout, warnAfter: warnAfter, cancelsOnLoss: cancelsOnLoss, now: .start)
    }

    /// Admits one message, which must not be in hand.
    mutating func admitOne(_ message: InboundMessage = .scripted(1), at now: Instant = .start) throws -> Held {
        try #require(admit([message], now: now).first)
    }

    /// Admits one message and begins to run it.
    mutating func beginOne(
        _ message: InboundMessage = .scripted(1), on runner: RunnerID = .first, at now: Instant = .start
    ) throws -> Held {
        let held = try admitOne(message, at: now)
        _ = try #require(begin(held.slot, on: runner, now: now))
        return held
    }

    /// Ends the handler of one message, by success unless it failed; it must not have been written off.
    mutating func endOne(
        _ held: Held, by runner: RunnerID = .first, at now: Instant = .start, failed: Bool = false
    ) throws -> Ended {
        let ended = end(held.slot, by: runner, succeeded: !failed, now: now)
        return try #require(ended)
    }

    /// Applies one outcome to one decision that was sent under its current receipt.
    mutating func apply(_ outcome: SettlementOutcome, of decision: Decision, at now: Instant = .start) -> Applied {
        let settlement = Settlement(currentReceipt(of: decision), decision.action)
        return apply([outcome], of: [settlement], for: [decision], asked: now, now: now)
    }

    /// Applies one outcome to each decision.
    mutating func apply(
        _ outcomes: [SettlementOutcome], of settlements: [Settlement], for decisions: [Decision], asked: Instant,
        now: Instant
    ) -> Applied {
        var applied = Applied()
        apply(
            outcomes, of: settlements, for: decisions, in: decisions.indices, asked: asked, now: now, to: &applied)
        return applied
    }

    /// Admits messages.
    mutating func admit(_ messages: [InboundMessage], now: Instant) -> [Held] {
        admit(messages, as: Held.arrivals(messages), now: now)
    }

    /// Decides by a verb of the delivery that runs.
    mutating func decide(
        _ slot: Slot, isSuccess: Bool
    ) throws(BrokerError) -> (receipt: Receipt, attempt: Int, releases: Int) {
        try decide(slot, run: lease(slot)?.run ?? 0, isSuccess: isSuccess)
    }

    /// The lease in a slot, if that use of the slot is not over.
    func lease(_ slot: Slot) -> Lease? {
        let index = Int(slot.index)
        guard inUse[index], leases[index].generation == slot.generation else { return nil }
        return leases[index]
    }
}

extension Held {
    /// The lease of a scripted message, as it came.
    var receipt: Receipt { Receipt(stream: stream, id: id, epoch: 1, token: 1) }
}

extension Decision {
    /// A decision about a message in hand.
    init(_ held: Held, _ verdict: Verdict) {
        self.init(slot: held.slot, receipt: held.receipt, verdict: verdict, attempt: 1)
    }
}

extension Receipt {
    /// The same lease under the next token.
    var renewed: Receipt { Receipt(stream: stream, id: id, epoch: epoch, token: token + 1) }
}
