// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What publishing to a stream needs to know of it.
package struct PublishRoute: Sendable {
    /// Where the stream lies.
    package let key: String
    /// How many entries the stream keeps when the oldest give way; `nil` when none do.
    package let bound: Int?

    package init(to stream: StreamName, declared: [StreamConfiguration], keys: RedisKeys) {
        key = keys.key(of: stream)
        let exact = declared.first { $0.selection == .stream(stream) }
        let found = (exact ?? declared.first { $0.selection.matches(stream) })?.retention
        let retention = stream.isReserved ? .reserved : found
        bound = retention?.mode == .cap ? retention?.maximumLength : nil
    }
}

/// The routes to the streams that are published to, and which of them are to be put into the set of streams again, as
/// a pure value.
///
/// A stream is put into the set by its first message and then at intervals, since somebody may have deleted both, or
/// the server may be another one. Streams named after what they are about may be without number: when there are too
/// many, all are forgotten.
package struct PublishRoutes: Sendable {
    /// After so long a stream that is published to is put into the set again.
    package static let interval = Duration.seconds(2)
    /// At most so many routes are kept.
    package static let maximum = 10_000

    private struct Entry {
        var route: PublishRoute
        var announced: Instant
    }

    private var entries: [StreamName: Entry] = [:]

    package init() {}

    /// The route to a stream, and whether the stream is to be put into the set now.
    package mutating func route(
        to stream: StreamName, at now: Instant, _ make: (StreamName) -> PublishRoute
    ) -> (route: PublishRoute, isDue: Bool) {
        if let known = entries[stream] {
            let isDue = now - known.announced >= Self.interval
            if isDue { entries[stream]?.announced = now }
            return (known.route, isDue)
        }
        if entries.count >= Self.maximum { entries = [:] }
        let route = make(stream)
        entries[stream] = Entry(route: route, announced: now)
        return (route, true)
    }

    /// Streams that could not be put into the set, since the server was not reached; next time they are again.
    package mutating func forget(_ streams: [StreamName]) {
        for stream in streams { entries[stream] = nil }
    }
}
