// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Where messages to a stream are stored on Redis.
package struct PublishTarget: Sendable {
    /// The key of the stream.
    package let key: String
    /// How many entries the stream keeps if it drops the oldest ones; `nil` if it keeps all.
    package let bound: Int?

    /// What a publish waits for; `nil` for the server alone.
    let durability: DurabilityPolicy?
    /// The hash of the ids of publishes that the stream remembers.
    var ids: String { RedisKeys.publishedIDs(beside: key) }

    package init(to stream: StreamName, declared: [StreamConfiguration], keys: RedisKeys) {
        key = keys.key(of: stream)
        let exact = declared.first { $0.selection == .stream(stream) }
        let found = exact ?? declared.first { $0.selection.matches(stream) }
        durability = found?.durability
        let retention = stream.isReserved ? .reserved : found?.retention
        bound = retention?.mode == .cap ? retention?.maximumLength : nil
    }
}

/// The targets of the streams that are published to, and when each stream is added to the set of streams again. A pure
/// value.
///
/// A stream is added to the set with its first message, and then at intervals, since somebody may have deleted both, or
/// the server may have been replaced. Names of streams may contain ids, so their number has no limit: above a maximum,
/// all targets are forgotten.
package struct PublishTargets: Sendable {
    /// After this time a stream that is published to is added to the set again.
    package static let interval = Duration.seconds(2)
    /// How many targets are kept at most.
    package static let maximum = 10_000

    private struct Entry {
        var target: PublishTarget
        var announced: Instant
    }

    private var entries: [StreamName: Entry] = [:]

    package init() {}

    /// Returns the target for a stream, and whether the stream is to be added to the set now.
    package mutating func target(
        for stream: StreamName, at now: Instant, _ make: (StreamName) -> PublishTarget
    ) -> (target: PublishTarget, isDue: Bool) {
        if let known = entries[stream] {
            let isDue = now - known.announced >= Self.interval
            if isDue { entries[stream]?.announced = now }
            return (known.target, isDue)
        }
        if entries.count >= Self.maximum { entries = [:] }
        let target = make(stream)
        entries[stream] = Entry(target: target, announced: now)
        return (target, true)
    }

    /// Returns the target for a stream that was published to; `nil` for any other.
    func known(_ stream: StreamName) -> PublishTarget? { entries[stream]?.target }

    /// Forgets streams that could not be added to the set because the server was not reached; the next message adds
    /// them.
    package mutating func forget(_ streams: [StreamName]) {
        for stream in streams { entries[stream] = nil }
    }
}
