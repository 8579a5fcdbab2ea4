// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// A bounded log: it keeps only what a group has not settled yet.
extension MemoryLog {
    /// Stores messages that have arrived. Returns whether one of them did not fit.
    ///
    /// A message of a stream without groups is not stored.
    package mutating func take(_ arrivals: [PublishBatch.Entry], at time: MemoryTime) -> Bool {
        var isFull = false
        for arrival in arrivals where !take(arrival, at: time) { isFull = true }
        return isFull
    }

    /// The counts of kept and lost messages; `nil` for a log without bounds.
    package var bufferReport: BufferReport? { buffer?.report }

    /// Whether at least half of the buffer is free.
    package var isHalfFree: Bool { buffer?.isHalfFree ?? true }

    private mutating func take(_ arrival: PublishBatch.Entry, at time: MemoryTime) -> Bool {
        guard let bounds = buffer?.bounds else { return true }
        let weight = MemoryBuffer.weight(of: arrival.message)
        if weight > bounds.bytes {
            buffer?.report.oversized += 1
            buffer?.report.dropped += 1
            return true
        }
        if bounds.overflow != .dropOldest, buffer?.hasRoom(for: weight) == false {
            buffer?.report.dropped += 1
            return false
        }
        let place = makeStream(arrival.stream)
        if streams[place].groups.contains(where: \.exists) {
            let receipt = streams[place].append(arrival.message, at: time.timestamp)
            buffer?.note(try? receipt.get().id, arrival.message, at: place)
            streams[place].finishAppending(&wakes)
            makeRoom()
        } else {
            letGo(place)
        }
        return true
    }
}

/// Removing.
extension MemoryLog {
    /// Removes what every group has settled, and applies the bounds. A log without bounds keeps everything.
    mutating func clear(_ settlements: [Settlement]) {
        guard buffer != nil else { return }
        for settlement in settlements {
            switch settlement.action {
            case .ack, .deadLetter, .forward: removeIfSettled(settlement.receipt.id, of: settlement.receipt.stream)
            case .retry, .release: buffer?.rewind()
            case .renew: break
            }
        }
        makeRoom()
        buffer?.pack { [streams] in !streams[$0.place].keeps($0.id) }
    }

    /// Destroys the groups that have had no consumer since the last call, and removes what only they needed.
    package mutating func dropAbandonedGroups() {
        for place in streams.indices where streams[place].exists {
            var isChanged = false
            for member in streams[place].groups.indices where streams[place].groups[member].exists {
                let isEmpty = streams[place].groups[member].consumers == 0
                if isEmpty, streams[place].groups[member].isAbandoned {
                    streams[place].groups[member].destroy(floor: streams[place].entries.end)
                    isChanged = true
                }
                streams[place].groups[member].isAbandoned = isEmpty
            }
            if isChanged { removeSettled(at: place) }
        }
    }

    /// Returns the place of a removed stream, for another one.
    mutating func reuse(for name: StreamName) -> Int? {
        guard let place = buffer?.vacant.popLast() else { return nil }
        streams[place] = MemoryStream(name: name, retention: RetentionPolicy())
        places[name] = place
        return place
    }

    private mutating func removeIfSettled(_ id: MessageID, of stream: StreamName) {
        guard let place = place(of: stream), let ordinal = streams[place].entries.ordinal(of: id),
            streams[place].isSettled(ordinal)
        else { return }
        remove(id, at: place)
    }

    private mutating func removeSettled(at place: Int) {
        let entries = streams[place].entries
        var ordinal = entries.first
        while let entry = entries.entry(from: ordinal) {
            ordinal = entry.ordinal + 1
            if !streams[place].groups.contains(where: { $0.needs(entry.ordinal) }) { remove(entry.id, at: place) }
        }
        letGo(place)
    }

    /// Drops the oldest entries that no consumer holds until the bounds are kept.
    private mutating func makeRoom() {
        while buffer?.isOverfull == true, let line = takeOldest() {
            guard let ordinal = streams[line.place].entries.ordinal(of: line.id) else { continue }
            for member in streams[line.place].groups.indices { streams[line.place].groups[member].forget(ordinal) }
            remove(line.id, at: line.place)
            buffer?.report.dropped += 1
        }
    }

    private mutating func takeOldest() -> MemoryBuffer.Line? {
        while let line = buffer?.oldest {
            if streams[line.place].isHeld(line.id) {
                buffer?.passOldest()
            } else {
                buffer?.dropOldest()
                if streams[line.place].keeps(line.id) { return line }
            }
        }
        return nil
    }

    private mutating func remove(_ id: MessageID, at place: Int) {
        guard let message = streams[place].entries.delete(id) else { return }
        buffer?.noteGone(message)
        letGo(place)
    }

    /// Removes an empty stream that no consumer subscribed to by name: a pattern may match any number of streams.
    private mutating func letGo(_ place: Int) {
        let stream = streams[place]
        let isNeeded = !stream.entries.isEmpty || stream.namedSubscriptions > 0 || !stream.readers.isEmpty
        guard let lastID = buffer?.lastID, stream.exists, !isNeeded else { return }
        for number in patterns { subscriptions[number]?.paths.removeAll { $0.stream == place } }
        places[stream.name] = nil
        streams[place].exists = false
        streams[place].groups = []
        buffer?.lastID = max(lastID, stream.entries.lastID)
        buffer?.vacant.append(place)
    }
}

extension MemoryStream {
    /// Returns whether the entry exists.
    fileprivate func keeps(_ id: MessageID) -> Bool { entries.ordinal(of: id) != nil }

    /// Returns whether a consumer of any group holds the entry.
    fileprivate func isHeld(_ id: MessageID) -> Bool {
        guard let ordinal = entries.ordinal(of: id) else { return false }
        return groups.contains { $0.holds(ordinal) }
    }

    /// Returns whether every group has settled the entry. In a stream that never had a group, nothing is settled.
    fileprivate func isSettled(_ ordinal: Int) -> Bool {
        groups.contains(where: \.exists) && !groups.contains { $0.needs(ordinal) }
    }
}
