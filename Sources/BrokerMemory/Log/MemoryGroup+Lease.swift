// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Leasing: new entries, due retries, and expired leases.
extension MemoryGroup {
    /// Returns the ordinals of the entries that this group has not received.
    func unread(in entries: EntryList) -> Range<Int> {
        let begin = max(next, entries.first)
        return max(begin, least.map(entries.ordinal(from:)) ?? begin)..<max(begin, entries.end)
    }

    /// Leases up to `limit` new entries. Returns how many.
    mutating func leaseNew(_ limit: Int, of stream: StreamName, _ entries: EntryList, into intake: inout Intake) -> Int
    {
        let unread = unread(in: entries)
        guard limit > 0, !unread.isEmpty else { return 0 }
        intake.reserve(min(limit, unread.count))
        var taken = 0
        var ordinal = unread.lowerBound
        while taken < limit, ordinal < unread.upperBound {
            guard let (found, id, message) = entries.entry(from: ordinal) else {
                ordinal = unread.upperBound
                break
            }
            let entry = PendingEntry(id: id, ordinal: found, to: intake.holder, at: intake.now)
            pending.append(entry)
            intake.take(message, of: stream, as: entry, epoch: epoch, .new)
            taken += 1
            ordinal = found + 1
        }
        next = ordinal
        least = nil
        expiries.ordinary = min(
            expiries.ordinary, intake.now.nanoseconds.addingSaturating(intake.holder.visibility))
        return taken
    }

    /// Leases up to `limit` entries whose retry is due, the earliest first. Returns how many.
    mutating func leaseDue(_ limit: Int, of stream: StreamName, _ entries: EntryList, into intake: inout Intake) -> Int
    {
        var taken = 0
        while taken < limit, let line = nextDue(), line.time <= intake.now.nanoseconds {
            due.removeFirst()
            guard let position = pending.position(of: line.id) else { continue }
            if takeOver(position, .retry, of: stream, entries, into: &intake) { taken += 1 }
        }
        pending.dropSettled()
        return taken
    }

    /// Returns the first line of the timetable and removes stale ones before it.
    mutating func nextDue() -> Timetable.Line? {
        while let line = due.first {
            if let position = pending.position(of: line.id), pending[position].state == .parked,
                pending[position].time == line.time
            {
                return line
            }
            due.removeFirst()
        }
        return nil
    }

    /// Leases up to `limit` entries whose lease has expired, in the order of the stream. Returns how many. Suspects
    /// beyond what the caller may lease stay for others.
    mutating func leaseExpired(
        _ limit: Int, of stream: StreamName, _ entries: EntryList, into intake: inout Intake
    ) -> Int {
        let now = intake.now.nanoseconds
        guard limit > 0, now >= expiries.earliest(suspects: intake.suspects > 0) else { return 0 }
        var taken = 0
        var survey = LeaseExpiries()
        for position in pending.positions where pending[position].isHeld {
            // The bounds stay too low, so that the next call looks again.
            if taken == limit { break }
            if pending[position].expiry(seenWith: intake.holder.visibility) <= now,
                !pending[position].makesSuspect || intake.suspects > 0 || !entries.contains(pending[position].ordinal)
            {
                if takeOver(position, .expired, of: stream, entries, into: &intake) { taken += 1 } else { continue }
            }
            survey.note(pending[position])
        }
        if taken < limit { expiries = survey }
        pending.dropSettled()
        return taken
    }

    /// Returns when this group next has something for a consumer that found nothing: a due retry or an expired lease.
    mutating func nextEvent(for intake: Intake) -> Instant {
        let retry = nextDue()?.time ?? .max
        let bound = expiries.earliest(suspects: intake.suspects > 0)
        guard bound <= intake.now.nanoseconds else { return Instant(nanoseconds: min(retry, bound)) }
        // The visibility of the holders has passed. That of the caller is larger and has not.
        let seen = pending.entries.lazy
            .filter { $0.isHeld && (intake.suspects > 0 || !$0.makesSuspect) }
            .map { $0.expiry(seenWith: intake.holder.visibility) }
        return Instant(nanoseconds: min(retry, seen.min() ?? .max))
    }

    mutating func takeOver(
        _ position: Int, _ origin: InboundMessage.Origin, of stream: StreamName, _ entries: EntryList,
        into intake: inout Intake
    ) -> Bool {
        guard let message = entries.message(at: pending[position].ordinal) else {
            intake.report(missing: pending[position].id, of: stream)
            pending.settle(at: position)
            return false
        }
        pending[position].lease(to: intake.holder, at: intake.now)
        expiries.note(pending[position])
        intake.take(message, of: stream, as: pending[position], epoch: epoch, origin)
        return true
    }
}
