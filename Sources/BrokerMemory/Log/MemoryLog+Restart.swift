// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What a server that restarts has lost.
extension MemoryLog {
    /// Begins anew with what an earlier state of the same log held: what has happened since is lost, as the tail of a
    /// file that was not written yet. Consumers keep their subscriptions, as clients keep their connections' place.
    ///
    /// Ids go on behind those that were given, so that no id means two messages.
    mutating func restart(from backup: MemoryLog) {
        for place in streams.indices {
            let last = streams[place].entries.lastID
            if place < backup.streams.count {
                streams[place].restore(backup.streams[place])
            } else {
                lose(place)
            }
            streams[place].entries.advance(to: last)
            for member in streams[place].groups.indices { streams[place].groups[member].summonAll(&wakes) }
        }
    }
}

extension MemoryStream {
    /// Takes over what the server knew; who waits and who has a subscription is the clients' affair and stays.
    fileprivate mutating func restore(_ backup: MemoryStream) {
        exists = backup.exists
        entries = backup.entries
        trimmed = backup.trimmed
        for member in groups.indices {
            if member < backup.groups.count {
                groups[member].restore(backup.groups[member])
            } else {
                groups[member].destroy(floor: 0)
            }
        }
    }
}
