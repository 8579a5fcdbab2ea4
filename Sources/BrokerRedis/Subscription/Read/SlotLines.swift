// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire
import Synchronization

/// The lines of one subscription in a cluster: one for each slot whose streams are read with BLOCK.
///
/// The streams of other slots are read without it: those of the slots beyond the limit, those for which there is no
/// connection left, and for a while those of a slot that moves or whose node cannot be reached.
package final class SlotLines: Sendable {
    /// The most lines of one subscription.
    static let most = 32
    /// How long a slot has no line after it was found elsewhere, or its node could not be reached.
    static let rest = Duration.milliseconds(200)
    /// How long opening a line may take: the only one, and one of several, which must not wait for each other long.
    private static let openingTimes = (only: Duration.seconds(1), each: Duration.milliseconds(100))

    /// A line and its number among the provider's connections.
    package struct Place {
        let number: Int
        let line: ReadLine

        package init(number: Int, line: ReadLine) {
            self.number = number
            self.line = line
        }
    }

    private struct Entry {
        let place: Place
        var restsUntil = Instant.distantPast
    }

    /// Makes the line for a key; `nil` if there is no connection left.
    private let makePlace: @Sendable (String) -> Place?
    private let closePlace: @Sendable (Int) async -> Void
    private let entries = Mutex<[RedisSlot: Entry]>([:])

    /// - Parameter first: The line of a subscription that has streams of one slot only.
    package init(
        first: (slot: RedisSlot, place: Place)?, make: @escaping @Sendable (String) -> Place?,
        close: @escaping @Sendable (Int) async -> Void
    ) {
        makePlace = make
        closePlace = close
        if let first { entries.withLock { $0[first.slot] = Entry(place: first.place) } }
    }

    /// Returns the lines that are open now, each with the positions of the streams that are read on it.
    ///
    /// - Parameters:
    ///   - groups: The streams that are read now, by slot.
    ///   - memberships: All streams of the subscription. The line of a slot with none of them is closed.
    package func lines(
        for groups: [SlotGroup], of memberships: MembershipTable, at now: Instant
    ) async -> [(line: ReadLine, positions: [Int])] {
        await forget(allBut: groups, memberships)
        let candidates = groups.compactMap { group in place(for: group, at: now).map { (group, $0.line) } }
        let limit = candidates.count > 1 ? Self.openingTimes.each : Self.openingTimes.only
        let open = await withTaskGroup(of: (Int, Bool).self) { tasks in
            for (index, candidate) in candidates.enumerated() {
                tasks.addTask { (index, (try? await candidate.1.open(within: limit)) != nil) }
            }
            return await tasks.reduce(into: Set<Int>()) { if $1.1 { $0.insert($1.0) } }
        }
        var lines: [(line: ReadLine, positions: [Int])] = []
        for (index, (group, line)) in candidates.enumerated() {
            if open.contains(index) { lines.append((line, group.positions)) } else { rest(line, at: now) }
        }
        return lines
    }

    private func place(for group: SlotGroup, at now: Instant) -> Place? {
        entries.withLock { entries in
            if let entry = entries[group.slot] { return now >= entry.restsUntil ? entry.place : nil }
            guard entries.count < Self.most, let place = makePlace(group.key) else { return nil }
            entries[group.slot] = Entry(place: place)
            return place
        }
    }

    /// Does without a line for a while.
    func rest(_ line: ReadLine, at now: Instant) {
        entries.withLock { entries in
            for (slot, entry) in entries where entry.place.line === line {
                entries[slot]?.restsUntil = now + Self.rest
            }
        }
    }

    /// Closes the lines of slots in which no stream is left. A stream that is not read now keeps its line.
    private func forget(allBut groups: [SlotGroup], _ memberships: MembershipTable) async {
        var unread = Set(entries.withLock { $0.keys }).subtracting(groups.map(\.slot))
        if unread.isEmpty { return }
        unread.subtract(memberships.map(\.slot))
        await close(unread)
    }

    /// Closes every line.
    package func closeAll() async {
        await close(Set(entries.withLock { $0.keys }))
    }

    private func close(_ slots: Set<RedisSlot>) async {
        let numbers = entries.withLock { entries in
            slots.compactMap { entries.removeValue(forKey: $0)?.place.number }
        }
        for number in numbers { await closePlace(number) }
    }
}

/// Streams whose keys lie in one slot.
package struct SlotGroup: Sendable {
    let slot: RedisSlot
    /// The key of the first of them.
    let key: String
    /// The positions of their memberships.
    var positions: [Int]
}
