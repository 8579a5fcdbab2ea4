// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// What the backend did, seen below every fault, held against the promises of the seam: a pure value.
struct LeaseRules: Sendable {
    /// One message in one group.
    struct Key: Hashable, Sendable {
        let group: GroupName
        let id: MessageID
    }

    enum State: Sendable, Equatable {
        case held(by: ConsumerName, visibility: Duration, since: Instant)
        case parked(until: Instant)
        case done
    }

    /// The last that is known of an entry in the present life of its group.
    struct Entry: Sendable {
        var receipt: Receipt
        var state: State
        var attempt: Int { FencingToken.attempt(of: receipt.token) }
        var releases: Int { FencingToken.releases(of: receipt.token) }
    }

    private struct Decided: Hashable {
        let group: GroupName
        let receipt: Receipt
    }

    private(set) var entries: [Key: Entry] = [:]
    /// How many leases there were of each attempt.
    private(set) var leases: [Key: [Int: Int]] = [:]
    /// Acknowledged or dead-lettered, in any life of the group.
    private(set) var accounted: Set<Key> = []
    /// Held by a consumer when somebody deleted that: its holder may take it again, and nobody else knows of it.
    private(set) var stolen: Set<Key> = []
    /// The ids that name another message than at first: of these, a former holder may take for his own what is not.
    private var remade: Set<MessageID> = []
    private(set) var deadLetters = 0
    /// Whether the server's clock was set: then a lease ends while its holder believes in it, and what was acknowledged
    /// meanwhile cannot be told from what was taken away.
    var isOutOfTime = false
    /// From when only handlers fail, so that whatever is due is leased at once.
    var isQuiet = false
    /// From when nothing goes wrong any more, so that every message is leased once and never lost.
    var isCalm = false
    private var refunded: Set<Key> = []
    private var decided: [Decided: String] = [:]
    /// How often each receipt was given: more than once only by a server that had forgotten the first time.
    private var given: [Decided: Int] = [:]
    private var carriedOut: [Decided: String] = [:]
    private var violations: [String] = []

    mutating func takeViolations() -> [String] {
        defer { violations = [] }
        return violations
    }

    /// A consumer was given a message.
    mutating func lease(
        _ message: InboundMessage, _ group: GroupName, to consumer: ConsumerName, _ visibility: Duration, now: Instant
    ) {
        let key = Key(group: group, id: message.receipt.id)
        if isCalm, message.attempt != 1 || message.origin != .new {
            violations.append("\(key.id) was leased again (\(message.origin)), although nothing was wrong")
        }
        check(message, before: entries[key], wasRefunded: refunded.remove(key) != nil, visibility, now)
        if message.attempt != FencingToken.attempt(of: message.receipt.token) {
            violations.append("the attempt of \(key.id) is not that of its token")
        }
        hold(key, message.receipt, by: consumer, visibility, now)
    }

    /// A consumer has taken a lease again that somebody had taken away.
    mutating func restored(
        _ receipt: Receipt, _ group: GroupName, to consumer: ConsumerName, _ visibility: Duration, now: Instant
    ) {
        let key = Key(group: group, id: receipt.id)
        if !isOutOfTime, !remade.contains(receipt.id), entries[key]?.state == .done {
            violations.append("\(key.id) was taken again after it had been settled")
        }
        entries[key] = Entry(
            receipt: receipt, state: .held(by: consumer, visibility: visibility, since: now))
    }

    private mutating func hold(
        _ key: Key, _ receipt: Receipt, by consumer: ConsumerName, _ visibility: Duration, _ now: Instant
    ) {
        entries[key] = Entry(receipt: receipt, state: .held(by: consumer, visibility: visibility, since: now))
        given[Decided(group: key.group, receipt: receipt), default: 0] += 1
        leases[key, default: [:]][FencingToken.attempt(of: receipt.token), default: 0] += 1
    }

    private mutating func check(
        _ message: InboundMessage, before: Entry?, wasRefunded: Bool, _ visibility: Duration, _ now: Instant
    ) {
        let id = message.receipt.id
        guard let before else {
            if message.attempt != 1 { violations.append("the first lease of \(id) is attempt \(message.attempt)") }
            return
        }
        if message.receipt.token <= before.receipt.token { violations.append("the token of \(id) did not rise") }
        if message.attempt != before.attempt + (wasRefunded ? 0 : 1) {
            violations.append("attempt \(message.attempt) of \(id) follows \(before.attempt), refunded: \(wasRefunded)")
        }
        switch before.state {
        case .done: violations.append("\(id) was leased after it had been settled")
        case .parked(let due) where now < due: violations.append("\(id) was leased before its retry was due")
        case .parked(let due) where isQuiet && now > due + DelayRules.slack:
            violations.append("\(id) was leased \(now - due) after its retry had been due")
        case .held(_, let other, let since) where now < since + max(visibility, other):
            violations.append("\(id) was leased before its lease had run out")
        case .parked, .held: break
        }
    }

    /// A lease was extended.
    mutating func extended(_ receipt: Receipt, _ group: GroupName, now: Instant) {
        let key = Key(group: group, id: receipt.id)
        guard let entry = entries[key], entry.receipt == receipt, case .held(let who, let visibility, _) = entry.state
        else {
            violations.append("\(receipt.id) was extended without its lease")
            return
        }
        entries[key]?.state = .held(by: who, visibility: visibility, since: now)
    }

    /// A settlement was sent: of one lease only one thing can be decided.
    mutating func sent(_ settlement: Settlement, _ group: GroupName) {
        let word = settlement.action.word
        let lease = Decided(group: group, receipt: settlement.receipt)
        let before = decided.updateValue(word, forKey: lease)
        if let before, before != word, given[lease] == 1 {
            violations.append("of one lease of \(settlement.receipt.id) both \(before) and \(word) were decided")
        }
    }

    /// A settlement was carried out, or not.
    mutating func settled(_ settlement: Settlement, _ group: GroupName, as outcome: SettlementOutcome, now: Instant) {
        let key = Key(group: group, id: settlement.receipt.id)
        if outcome.isDone {
            checkFence(settlement, key)
            carriedOut[Decided(group: group, receipt: settlement.receipt)] = settlement.action.word
        }
        if case .missing = outcome { gone(key) }
        switch (settlement.action, outcome) {
        case (.ack, .done): end(key)
        case (.deadLetter, .done), (.deadLetter, .deadLettered):
            deadLetters += 1
            end(key)
        case (.retry(let delay), .done): entries[key]?.state = .parked(until: now + delay)
        case (.release(let delay), .done):
            refunded.insert(key)
            entries[key]?.state = .parked(until: now + delay)
        case (.renew, .renewed(let receipt)): renewed(key, receipt, now)
        default: break
        }
    }

    /// Only the current lease moves a message; an acknowledgement is taken from every lease of the group's present life.
    private mutating func checkFence(_ settlement: Settlement, _ key: Key) {
        guard let entry = entries[key] else {
            violations.append("\(settlement.action.word) of \(key.id) was carried out without a lease")
            return
        }
        let isFree = if case .ack = settlement.action { true } else { false }
        let mayRepeat = if case .renew = settlement.action { true } else { false }
        let isCurrent = entry.receipt == settlement.receipt
        let isRepeated = mayRepeat && entry.receipt.token == settlement.receipt.token + 1
        if entry.receipt.epoch != settlement.receipt.epoch || !(isFree || isCurrent || isRepeated) {
            violations.append("\(settlement.action.word) of \(key.id) was carried out for an old lease")
        }
    }

    /// What the engine tells of a settlement is what the backend did.
    mutating func told(_ entry: SettledEvent.Entry, _ group: GroupName) {
        guard entry.outcome == .done else { return }
        if carriedOut[Decided(group: group, receipt: entry.receipt)] == nil {
            violations.append("\(entry.kind) of \(entry.receipt.id) is said to be done and is not")
        }
    }

    /// An entry that was pending is gone from its stream.
    mutating func gone(_ key: Key) {
        entries[key] = nil
        refunded.remove(key)
    }

    /// How many entries of a group consumers hold, and how many wait for a retry.
    func census(of group: GroupName) -> (held: Int, parked: Int) {
        var held = 0
        var parked = 0
        for (key, entry) in entries where key.group == group {
            switch entry.state {
            case .held: held += 1
            case .parked: parked += 1
            case .done: break
            }
        }
        return (held, parked)
    }

    private mutating func end(_ key: Key) {
        if entries[key]?.state == .done { violations.append("\(key.id) was settled twice") }
        entries[key]?.state = .done
        accounted.insert(key)
    }

    private mutating func renewed(_ key: Key, _ receipt: Receipt, _ now: Instant) {
        guard let entry = entries[key], case .held(let who, let visibility, _) = entry.state else {
            violations.append("\(key.id) was renewed without its lease")
            return
        }
        guard entry.receipt != receipt else { return extended(receipt, key.group, now: now) }
        hold(key, receipt, by: who, visibility, now)
    }

    /// A group was destroyed: everything in it begins anew.
    mutating func destroyed(_ group: GroupName) {
        entries = entries.filter { $0.key.group != group }
        refunded = refunded.filter { $0.group != group }
    }

    /// Stream and groups were made again, and these ids name new messages: none of them has ended.
    mutating func remade(_ ids: Set<MessageID>) {
        entries = [:]
        refunded = []
        accounted = accounted.filter { !ids.contains($0.id) }
        stolen = stolen.filter { !ids.contains($0.id) }
        remade.formUnion(ids)
    }

    /// Who holds something in a group.
    func holders(in group: GroupName) -> [ConsumerName] {
        let names = entries.compactMap { key, entry -> ConsumerName? in
            guard key.group == group, case .held(let who, _, _) = entry.state else { return nil }
            return who
        }
        return Set(names).sorted { $0.text < $1.text }
    }

    /// Somebody has deleted a consumer, and with it what it holds.
    mutating func deleted(_ consumer: ConsumerName, in group: GroupName) {
        for (key, entry) in entries where key.group == group {
            guard case .held(consumer, _, _) = entry.state else { continue }
            entries[key] = nil
            stolen.insert(key)
        }
    }

    /// A server has lost what happened since that was all there was. What ended has ended all the same.
    mutating func restore(_ backup: LeaseRules) {
        entries = backup.entries
        refunded = backup.refunded
        deadLetters = backup.deadLetters
    }
}

extension SettlementOutcome {
    /// Whether it changed something.
    fileprivate var isDone: Bool {
        switch self {
        case .done, .deadLettered, .renewed: true
        case .lost, .settled, .missing, .refused: false
        }
    }
}

extension Settlement.Action {
    /// The verb.
    var word: String {
        switch self {
        case .ack: "ack"
        case .retry: "retry"
        case .renew: "renew"
        case .release: "release"
        case .deadLetter: "deadLetter"
        case .forward: "forward"
        }
    }
}
