// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Decides which failures of calls become log lines, so that neither an outage of an hour nor a call that fails and
/// works again in turns fills the log. Pure: time is an argument.
///
/// An outage is logged at its 1st, 2nd, 4th, 8th … failure, and its end if its beginning was. After either line the
/// next outage of the same call stays unsaid for two seconds; how many did is told with the one that is said.
package struct LogPace {
    /// How long a call that was in the log keeps out of it.
    package static let quiet: Duration = .seconds(2)

    /// A call that was in the log and has long been silent is forgotten: consumers come and go.
    package static let memory: Duration = .seconds(3600)
    /// This many calls are remembered, however long they have been silent.
    private static let enough = 64

    private struct Call: Hashable {
        var consumer: ConsumerIdentity
        var call: ProviderCall
    }

    private struct Record {
        var lastLine: Instant?
        var isSaid = false
        var unsaid = 0
    }

    private var records: [Call: Record] = [:]
    /// How many calls are remembered.
    package var count: Int { records.count }

    package init() {}

    /// Takes note of a failure, the `consecutive`th; returns how many outages were left unsaid if it is to be logged,
    /// else nothing.
    package mutating func fail(
        _ call: ProviderCall, of consumer: ConsumerIdentity, consecutive: Int, now: Instant
    ) -> Int? {
        let key = Call(consumer: consumer, call: call)
        if records.count >= Self.enough, records[key] == nil { forget(now: now) }
        var record = records[key] ?? Record()
        defer { records[key] = record }
        if consecutive == 1 { record.isSaid = false }
        if record.isSaid {
            let isPowerOfTwo = consecutive & (consecutive - 1) == 0
            if isPowerOfTwo { record.lastLine = now }
            return isPowerOfTwo ? 0 : nil
        }
        if let lastLine = record.lastLine, now - lastLine < Self.quiet {
            if consecutive == 1 { record.unsaid += 1 }
            return nil
        }
        // This outage was counted when it began unsaid.
        let unsaid = consecutive == 1 ? record.unsaid : max(0, record.unsaid - 1)
        record = Record(lastLine: now, isSaid: true)
        return unsaid
    }

    private mutating func forget(now: Instant) {
        records = records.filter { $0.value.lastLine.map { now - $0 < Self.memory } ?? false }
    }

    /// Takes note that a call works again; returns whether that is to be logged.
    package mutating func recover(_ call: ProviderCall, of consumer: ConsumerIdentity, now: Instant) -> Bool {
        let key = Call(consumer: consumer, call: call)
        guard var record = records[key], record.isSaid else { return false }
        record.isSaid = false
        record.lastLine = now
        records[key] = record
        return true
    }
}
