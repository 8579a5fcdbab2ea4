// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// The arguments of each script, as the head of its file lists them.
extension ScriptCalls {
    typealias Entries = [(receipt: Receipt, verb: LeaseVerb)]

    /// Makes a group if there is none.
    mutating func addGroup(_ seat: StreamSeat, _ member: Member, from start: String, isAgain: Bool) {
        begin(RedisScripts.group, seat, keys: [seat.due], member, arguments: 2)
        add(start)
        add(isAgain ? 1 : 0)
    }

    /// Deletes the consumer if it holds nothing.
    mutating func addLeave(_ seat: StreamSeat, _ member: Member) {
        begin(RedisScripts.members, keys: 1, arguments: 3)
        for part in [seat.key, member.group.text, member.nameOnServer, ""] { add(part) }
    }

    /// Removes what is left of a group if its stream is gone.
    mutating func addVanish(_ seat: StreamSeat) {
        begin(RedisScripts.vanish, keys: 4, arguments: 0)
        for key in [seat.key, seat.floor, seat.due, seat.sweepGuard] { add(key) }
    }

    /// Leases what is due and what has expired.
    mutating func addSweep(_ seat: StreamSeat, _ member: Member, _ room: SweepRoom, expecting time: Int) {
        begin(RedisScripts.sweep, seat, keys: [seat.due, seat.sweepGuard], member, arguments: 9)
        add(member.nameOnServer)
        add(Int(member.visibility.millisecondsRoundedUp))
        add(seat.epoch)
        // A time that no server has makes the script give holders time.
        let time = seat.sweep.mustPause ? 1 : time
        for number in [room.due, room.expired, room.suspects, time, seat.sweep.rotation] { add(number) }
        add(seat.sweep.cursor)
    }

    /// Gives leases up until their time comes.
    mutating func addPark(_ entries: Entries, _ seat: StreamSeat, _ member: Member) {
        begin(RedisScripts.park, seat, keys: [seat.due], member, arguments: 2 + 4 * entries.count)
        addHolder(seat, member)
        for (receipt, verb) in entries {
            guard case .park(let token, let delay) = verb else { continue }
            add(receipt.id.description)
            add(receipt.token)
            add(token)
            add(Int(max(0, delay.millisecondsRoundedUp)))
        }
    }

    /// Lets leases begin anew.
    mutating func addExtend(_ entries: Entries, _ seat: StreamSeat, _ member: Member) {
        addTokens(RedisScripts.extend, entries, seat, member)
    }

    /// Makes leases again that somebody has taken away.
    mutating func addRestore(_ entries: Entries, _ seat: StreamSeat, _ member: Member) {
        addTokens(RedisScripts.restore, entries, seat, member)
    }

    private mutating func addTokens(_ script: RedisScript, _ entries: Entries, _ seat: StreamSeat, _ member: Member) {
        begin(script, seat, keys: [], member, arguments: 2 + 3 * entries.count)
        addHolder(seat, member)
        for (receipt, verb) in entries {
            guard let token = verb.token else { continue }
            add(receipt.id.description)
            add(receipt.token)
            add(token)
        }
    }

    /// Stores entries among the dead letters.
    mutating func addBury(_ entries: Entries, _ seat: StreamSeat, _ member: Member, to destination: String) {
        begin(RedisScripts.dead, seat, keys: [destination], member, arguments: 4 + 5 * entries.count)
        addHolder(seat, member)
        add(seat.stream.text)
        add(member.consumer.text)
        for (receipt, verb) in entries {
            guard case .bury(let note) = verb else { continue }
            add(receipt.id.description)
            add(receipt.token)
            add(note.reason.rawValue)
            add(note.error)
            add(note.attempts)
        }
    }

    /// Publishes in the place of an entry.
    mutating func addForward(
        _ receipt: Receipt, _ entries: [(message: Message, route: PublishRoute)], _ seat: StreamSeat, _ member: Member
    ) {
        let values = entries.reduce(0) { $0 + 2 + EntryEncoder.valueCount(of: $1.message) }
        begin(RedisScripts.forward, seat, keys: entries.map(\.route.key), member, arguments: 4 + values)
        addHolder(seat, member)
        add(receipt.id.description)
        add(receipt.token)
        for (message, route) in entries {
            add(route.bound.map { "\($0)" } ?? "")
            EntryEncoder.addArguments(message, to: &self)
        }
    }

    /// Begins a call: stream and floor come before the other keys, the group before the other arguments.
    private mutating func begin(
        _ script: RedisScript, _ seat: StreamSeat, keys: [String], _ member: Member, arguments: Int
    ) {
        begin(script, keys: 2 + keys.count, arguments: 1 + arguments)
        for key in [seat.key, seat.floor] + keys { add(key) }
        add(member.group.text)
    }

    private mutating func addHolder(_ seat: StreamSeat, _ member: Member) {
        add(member.nameOnServer)
        add(seat.epoch)
    }

    private mutating func add(_ number: UInt64) {
        add(Int(clamping: number))
    }
}
