// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Maintenance, and what an operator may do to a server.
extension MemoryLog {
    /// Trims the declared streams to their bounds. Reports what was trimmed since the last call, and which groups hold
    /// streams over their bounds.
    package mutating func maintain(_ request: MaintenanceRequest, at timestamp: Timestamp) -> MaintenanceReport {
        var report = MaintenanceReport()
        for place in streams.indices where streams[place].exists {
            streams[place].writeFloors()
            guard let declared = declaration(of: streams[place].name, in: request.streams, \.selection) else {
                continue
            }
            let held = streams[place].trim(declared.retention, declared: declared.groups, at: timestamp)
            if let held { report.held.append(held) }
            report.trimmed += streams[place].trimmed.settled
            report.lost += streams[place].trimmed.lost
            streams[place].trimmed = TrimmedEntries()
        }
        return report
    }

    /// Removes every entry of a stream and keeps its groups. Returns how many entries there were.
    package mutating func purge(_ stream: StreamName) -> Int {
        guard let place = place(of: stream) else { return 0 }
        return streams[place].purge()
    }

    /// Removes one entry, as an operator might on a server. Returns whether it existed.
    package mutating func deleteEntry(_ id: MessageID, of stream: StreamName) -> Bool {
        guard let place = place(of: stream) else { return false }
        return streams[place].entries.delete(id) != nil
    }

    /// Moves a group back to a position. Returns the id after which it reads now; `nil` if there is no such group.
    package mutating func rewind(_ group: GroupName, of stream: StreamName, to start: StartPosition) -> MessageID? {
        guard let place = place(of: stream), let member = streams[place].place(of: group),
            streams[place].groups[member].exists
        else { return nil }
        defer { streams[place].wakeForNew(in: member, &wakes) }
        return streams[place].rewind(member, to: start)
    }

    /// Removes the leases of a consumer, as a server does when an operator deletes the consumer.
    package mutating func deleteConsumer(_ consumer: ConsumerName, of group: GroupName, in stream: StreamName) {
        guard let path = path(of: group, in: stream), let number = consumers[consumer] else { return }
        streams[path.stream].groups[path.group].deleteConsumer(number)
    }

    /// Destroys a group, as an operator might on a server. Its consumers create it again at its floor.
    package mutating func destroyGroup(_ group: GroupName, of stream: StreamName) {
        guard let place = place(of: stream), let member = streams[place].place(of: group) else { return }
        let floor = streams[place].groups[member].floor
        streams[place].groups[member].destroy(floor: floor)
        streams[place].groups[member].wakeAll(&wakes)
    }

    /// Deletes a stream and creates it and its groups again in one step, with given ids in rising order, as an operator
    /// might on a server. The groups start with the first entry. Nothing distinguishes their epochs from the former
    /// ones.
    package mutating func remake(_ stream: StreamName, with stored: [StoredMessage]) {
        guard let place = place(of: stream) else { return }
        let last = streams[place].entries.lastID
        streams[place].entries = EntryList()
        streams[place].known = KnownIDs()
        for entry in stored { streams[place].entries.append(entry.message, as: entry.id) }
        streams[place].entries.advance(to: last)
        for member in streams[place].groups.indices { streams[place].groups[member].remake() }
        streams[place].finishAppending(&wakes)
    }

    /// Deletes the streams that match and have no subscription, if nothing was stored in them for `idle`. With `.zero`
    /// it deletes all that match. Returns how many.
    package mutating func delete(_ selection: StreamSelection, idleFor idle: Duration, at timestamp: Timestamp) -> Int {
        var count = 0
        for place in streams.indices where streams[place].exists && selection.matches(streams[place].name) {
            let last = Timestamp(milliseconds: Int64(clamping: streams[place].entries.lastID.milliseconds))
            let isIdle = timestamp - last >= idle && streams[place].groups.allSatisfy { $0.consumers == 0 }
            guard idle <= .zero || isIdle else { continue }
            lose(place)
            for member in streams[place].groups.indices where streams[place].groups[member].consumers == 0 {
                streams[place].groups[member].isForgotten = true
            }
            count += 1
        }
        return count
    }

    /// Loses everything, as a server without persistence might: streams, groups, floors and ids.
    package mutating func flush() {
        for place in streams.indices { lose(place) }
    }

    /// Loses a stream with its groups.
    mutating func lose(_ place: Int) {
        for member in streams[place].groups.indices {
            streams[place].groups[member].destroy(floor: 0)
            streams[place].groups[member].wakeAll(&wakes)
        }
        streams[place].exists = false
        streams[place].entries = EntryList()
        streams[place].known = KnownIDs()
    }

    /// Makes the next id of a stream greater than `id`.
    package mutating func advanceIDs(of stream: StreamName, to id: MessageID) {
        streams[makeStream(stream)].entries.advance(to: id)
    }
}

/// Restarts of a server.
extension MemoryLog {
    /// Returns to an earlier state of the same log. What has happened since is lost, like the end of a file that was
    /// not written yet. Consumers keep their subscriptions, since these belong to the clients.
    ///
    /// Ids continue after those that were used, so that no id means two messages.
    mutating func restart(from backup: MemoryLog) {
        for place in streams.indices {
            let last = streams[place].entries.lastID
            if place < backup.streams.count {
                streams[place].restore(backup.streams[place])
            } else {
                lose(place)
            }
            streams[place].entries.advance(to: last)
            for member in streams[place].groups.indices { streams[place].groups[member].wakeAll(&wakes) }
        }
    }
}

extension MemoryStream {
    /// Restores what the server knew. Waiting calls and subscriptions belong to the clients and stay.
    fileprivate mutating func restore(_ backup: MemoryStream) {
        exists = backup.exists
        entries = backup.entries
        known = backup.known
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
