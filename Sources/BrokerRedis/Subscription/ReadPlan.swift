// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// What XREADGROUP is asked for: which streams, how many of each, how long to block.
///
/// COUNT holds for each stream. With more streams than messages asked for, looks at some of them at a time bring no
/// more than asked; only a read that blocks on all of them may, when several get a message in the same moment.
struct ReadPlan: Sendable {
    /// The positions of the seats that can be read.
    let seats: [Int]
    /// At most so many messages of each stream.
    let count: Int
    /// How many streams may be looked at together without bringing more than asked for.
    let width: Int

    init(_ seats: [StreamSeat], room: Int, first: Int, at now: Instant) {
        let readable = seats.indices.filter { seats[$0].isReadable(at: now) }
        let start = readable.isEmpty ? 0 : first % readable.count
        self.seats = Array(readable[start...] + readable[..<start])
        count = max(1, room / max(1, readable.count))
        width = max(1, min(room, readable.count))
    }

    /// Whether one look at all streams cannot bring too much.
    var fitsAtOnce: Bool { seats.count <= width }

    /// The streams in groups that may be looked at together.
    var looks: [ArraySlice<Int>] {
        stride(from: 0, to: seats.count, by: width).map { seats[$0..<min($0 + width, seats.count)] }
    }

    /// The command; without `block` it answers at once.
    static func command(
        _ keys: [String], of member: Member, count: Int, block: Duration? = nil
    ) -> RedisCommands {
        var commands = RedisCommands()
        commands.begin(7 + (block == nil ? 0 : 2) + 2 * keys.count, "XREADGROUP")
        commands.add("GROUP" as StaticString)
        commands.add(member.group.text)
        commands.add(member.nameOnServer)
        commands.add("COUNT" as StaticString)
        commands.add(count)
        if let block {
            commands.add("BLOCK" as StaticString)
            // 0 would be for ever.
            commands.add(Int(max(1, block.millisecondsRoundedUp)))
        }
        commands.add("STREAMS" as StaticString)
        for key in keys { commands.add(key) }
        for _ in keys { commands.add(">" as StaticString) }
        return commands
    }
}
