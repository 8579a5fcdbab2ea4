// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// What XREADGROUP is sent: which streams it names, how many messages of each, how long it blocks.
///
/// COUNT holds for each stream. With more streams than room, a read names only some streams, so that it brings no more
/// than there is room for. Only a read that blocks on all streams may bring more, if several of them get a message in
/// the same moment.
package struct ReadPlan: Sendable {
    /// The positions of quiet memberships whose turn it is.
    package let quiet: [Int]
    /// The positions of the other memberships to be read, in the order of their turns.
    package let busy: [Int]
    /// When the quiet memberships that this plan leaves out are to be read.
    package let next: Instant

    /// Reads all memberships that can be read.
    package init(_ memberships: MembershipTable, first: Int, at now: Instant) {
        self.init(busy: memberships.readable(at: now) { _ in true }, first: first)
    }

    /// Reads these memberships.
    ///
    /// - Parameter first: A number that grows with each read. It says which busy membership comes first.
    package init(quiet: [Int] = [], busy: [Int], first: Int, next: Instant = .distantFuture) {
        self.quiet = quiet
        self.next = next
        let start = busy.isEmpty ? 0 : first % busy.count
        self.busy = Array(busy[start...] + busy[..<start])
    }

    /// The positions of all memberships to be read.
    package var memberships: [Int] { quiet + busy }

    /// Groups memberships by the slots of a cluster, in the order in which the slots first occur.
    package static func bySlot(_ positions: [Int], of memberships: MembershipTable) -> [SlotGroup] {
        var groups: [SlotGroup] = []
        var places: [RedisSlot: Int] = [:]
        for position in positions {
            let membership = memberships[position]
            if let place = places[membership.slot] {
                groups[place].positions.append(position)
            } else {
                places[membership.slot] = groups.count
                groups.append(SlotGroup(slot: membership.slot, key: membership.key, positions: [position]))
            }
        }
        return groups
    }

    /// Whether one read of all streams cannot bring more than there is room for.
    package func fitsAtOnce(_ room: Int) -> Bool { quiet.count + busy.count <= room }

    /// The memberships, from an index on, that one read may name.
    package static func part(of memberships: [Int], from index: Int, room: Int) -> ArraySlice<Int> {
        memberships[index..<min(index + max(1, room), memberships.count)]
    }

    /// The same positions, rotated so that they begin with the first one that fulfils the condition.
    static func turns(of positions: [Int], from isFirst: (Int) -> Bool) -> [Int] {
        let start = positions.firstIndex(where: isFirst) ?? 0
        return Array(positions[start...] + positions[..<start])
    }

    /// How many messages each stream may bring if a read names that many.
    package static func count(_ room: Int, of streams: Int) -> Int { max(1, room / max(1, streams)) }

    /// The command. Without `block` the server replies at once.
    package static func command(
        _ keys: [String], of member: Member, count: Int, block: Duration? = nil
    ) -> RedisCommands {
        var commands = RedisCommands()
        let route = keys.count == 1 ? RedisRoute.key(keys[0]) : .keys(keys)
        commands.begin(7 + (block == nil ? 0 : 2) + 2 * keys.count, "XREADGROUP", for: route)
        commands.add("GROUP" as StaticString)
        commands.add(member.group.text)
        commands.add(member.nameOnServer)
        commands.add("COUNT" as StaticString)
        commands.add(count)
        if let block {
            commands.add("BLOCK" as StaticString)
            // 0 would block for ever.
            commands.add(Int(max(1, block.millisecondsRoundedUp)))
        }
        commands.add("STREAMS" as StaticString)
        for key in keys { commands.add(key) }
        for _ in keys { commands.add(">" as StaticString) }
        return commands
    }
}
