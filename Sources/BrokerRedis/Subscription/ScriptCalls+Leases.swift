// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import RedisWire

/// The arguments of each script, as the head of its file lists them.
extension ScriptCalls {
    typealias Entries = [(receipt: Receipt, verb: LeaseVerb)]

    /// Makes the group if it does not exist.
    mutating func addGroup(_ membership: Membership, _ member: Member, from start: String, isAgain: Bool) {
        begin(RedisScripts.group, membership, keys: [membership.due], member, arguments: 2)
        add(start)
        add(isAgain ? 1 : 0)
    }

    /// Deletes the consumer if it holds nothing.
    mutating func addLeave(_ membership: Membership, _ member: Member) {
        begin(RedisScripts.members, for: .key(membership.key), keys: 1, arguments: 3)
        for part in [membership.key, member.group.text, member.nameOnServer, ""] { add(part) }
    }

    /// Removes the keys of a group if its stream does not exist.
    mutating func addVanish(_ membership: Membership) {
        begin(RedisScripts.vanish, for: .key(membership.key), keys: 3, arguments: 0)
        for key in [membership.key, membership.floor, membership.due] { add(key) }
    }

    /// Leases due and expired entries.
    mutating func addSweep(_ membership: Membership, _ member: Member, _ limits: SweepLimits, expecting time: Int) {
        begin(RedisScripts.sweep, membership, keys: [membership.due], member, arguments: 9)
        add(member.nameOnServer)
        add(Int(member.visibility.millisecondsRoundedUp))
        add(membership.epoch)
        // The script makes all consumers pause if its time is far from the expected one. No server has the time 1.
        let time = membership.sweep.mustPause ? 1 : time
        for number in [limits.due, limits.expired, limits.suspects, time, membership.sweep.rotation] { add(number) }
        add(membership.sweep.cursor)
    }

    /// Gives up leases until their delay is over.
    mutating func addPark(_ entries: Entries, _ membership: Membership, _ member: Member) {
        begin(RedisScripts.park, membership, keys: [membership.due], member, arguments: 2 + 4 * entries.count)
        addHolder(membership, member)
        for (receipt, verb) in entries {
            guard case .park(let token, let delay) = verb else { continue }
            add(receipt.id.description)
            add(receipt.token)
            add(token)
            add(Int(max(0, delay.millisecondsRoundedUp)))
        }
    }

    /// Extends leases.
    mutating func addExtend(_ entries: Entries, _ membership: Membership, _ member: Member) {
        addTokens(RedisScripts.extend, entries, membership, member)
    }

    /// Shows the handler of the consumer that has been running longest, or that none runs for long any more.
    mutating func addShow(
        _ id: MessageID?, _ running: Duration, for lifetime: Duration, _ membership: Membership, _ member: Member
    ) {
        begin(RedisScripts.show, membership, keys: [], member, arguments: 4)
        add(member.consumer.text)
        add(id?.description ?? "")
        add(Int(max(0, running.millisecondsRoundedUp)))
        add(Int(lifetime.millisecondsRoundedUp))
    }

    /// Restores leases that were taken away.
    mutating func addRestore(_ entries: Entries, _ membership: Membership, _ member: Member) {
        addTokens(RedisScripts.restore, entries, membership, member)
    }

    private mutating func addTokens(
        _ script: RedisScript, _ entries: Entries, _ membership: Membership, _ member: Member
    ) {
        begin(script, membership, keys: [], member, arguments: 2 + 3 * entries.count)
        addHolder(membership, member)
        for (receipt, verb) in entries {
            guard let token = verb.token else { continue }
            add(receipt.id.description)
            add(receipt.token)
            add(token)
        }
    }

    /// Stores entries as dead letters.
    mutating func addDeadLetters(_ entries: Entries, _ membership: Membership, _ member: Member, to destination: String)
    {
        begin(RedisScripts.dead, membership, keys: [destination], member, arguments: 4 + 5 * entries.count)
        addHolder(membership, member)
        add(membership.stream.text)
        add(member.consumer.text)
        for (receipt, verb) in entries {
            guard case .deadLetter(let note) = verb else { continue }
            add(receipt.id.description)
            add(receipt.token)
            add(note.reason.rawValue)
            add(note.error)
            add(note.attempts)
        }
    }

    /// Publishes messages in the place of an entry.
    mutating func addForward(
        _ receipt: Receipt, _ entries: [(entry: PublishBatch.Entry, target: PublishTarget)], _ membership: Membership,
        _ member: Member
    ) {
        let values = entries.reduce(0) { sum, output in
            sum + 3 + (output.entry.deduplication == nil ? 0 : 2) + EntryEncoder.valueCount(of: output.entry.message)
        }
        let keys = entries.flatMap { $0.entry.deduplication == nil ? [$0.target.key] : [$0.target.key, $0.target.ids] }
        begin(RedisScripts.forward, membership, keys: keys, member, arguments: 4 + values)
        addHolder(membership, member)
        add(receipt.id.description)
        add(receipt.token)
        for (entry, target) in entries {
            add(target.bound.map { "\($0)" } ?? "")
            addWish(entry.deduplication)
            EntryEncoder.addArguments(entry.message, to: &self)
        }
    }

    private mutating func addWish(_ deduplication: PublishBatch.Deduplication?) {
        guard let deduplication else { return add("") }
        add(deduplication.id.text)
        add(Int(deduplication.policy.window.millisecondsRoundedUp))
        add(deduplication.policy.maximumIDs)
    }

    /// Begins a call. Stream and floor come before the other keys, the group before the other arguments.
    private mutating func begin(
        _ script: RedisScript, _ membership: Membership, keys: [String], _ member: Member, arguments: Int
    ) {
        begin(script, for: .key(membership.key), keys: 2 + keys.count, arguments: 1 + arguments)
        for key in [membership.key, membership.floor] + keys { add(key) }
        add(member.group.text)
    }

    private mutating func addHolder(_ membership: Membership, _ member: Member) {
        add(member.nameOnServer)
        add(membership.epoch)
    }

    mutating func add(_ number: UInt64) {
        add(Int(clamping: number))
    }
}

/// What the scripts do to one lease. Closed by design.
package enum LeaseVerb: Sendable {
    /// The entry leaves the pending list.
    case ack
    /// The lease is given up until the delay is over. The entry waits under this token.
    case park(token: UInt64, delay: Duration)
    /// The lease is extended. The token is the same, or the next one for a retry in place.
    case extend(token: UInt64)
    /// The lease is restored under this token if it was taken away.
    case restore(token: UInt64)
    /// The entry is stored as a dead letter.
    case deadLetter(DeadLetterNote)
    /// The messages are stored in their streams in place of the entry.
    case forward([PublishBatch.Entry])

    /// Whether the entry leaves the pending list, and nothing else.
    var isAck: Bool { if case .ack = self { true } else { false } }

    /// The token under which the lease continues; `nil` if it ends.
    var token: UInt64? {
        switch self {
        case .extend(let token), .restore(let token): token
        case .ack, .park, .deadLetter, .forward: nil
        }
    }

    package init(_ settlement: Settlement) {
        let token = settlement.receipt.token
        switch settlement.action {
        case .ack: self = .ack
        case .retry(let delay): self = .park(token: token, delay: delay)
        case .release(let delay): self = .park(token: token + FencingToken.refund, delay: delay)
        case .renew: self = .extend(token: token + 1)
        case .deadLetter(let note): self = .deadLetter(note)
        case .forward(let entries): self = .forward(entries)
        }
    }
}
