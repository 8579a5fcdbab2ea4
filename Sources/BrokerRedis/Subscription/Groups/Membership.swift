// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The membership of a consumer in one stream: where that lies, which life of the group it is, and when it is swept.
package struct Membership: Sendable {
    /// Where the stream lies.
    package let place: GroupKeys
    /// The life of the group that receipts speak of.
    package var epoch: UInt64
    /// When the stream is swept.
    package var sweep = SweepState()
    /// Whether the group has to be made again before anything is read.
    package var isLost = false
    /// Until then the stream is left alone: under its key was no stream, or its group is lost again and again.
    package var restsUntil = Instant.distantPast
    /// Whether it is known that something else lies under the key.
    private var isSetAside = false
    /// How fast a lost group is made again.
    private var pace = RejoinBackoff()

    package init(_ stream: StreamName, group: GroupName, keys: RedisKeys, epoch: UInt64) {
        place = GroupKeys(stream, group: group, keys: keys)
        self.epoch = epoch
    }

    /// The stream.
    package var stream: StreamName { place.stream }
    /// The stream's key.
    package var key: String { place.key }
    /// The key of the group's floor and epoch.
    package var floor: String { place.floor }
    /// The key of what waits for a retry.
    package var due: String { place.due }
    /// The key of the group's sweep guard.
    package var sweepGuard: String { place.sweepGuard }

    /// Whether it can be read and swept now.
    package func isReadable(at now: Instant) -> Bool { !isLost && now >= restsUntil }

    /// The group is gone; the oftener that happens, the longer the stream is left alone.
    package mutating func lose(at now: Instant) {
        if isLost { return }
        isLost = true
        restsUntil = pace.lost(at: now)
    }

    /// Under the key is no stream; returns whether that is news.
    package mutating func setAside(until instant: Instant) -> Bool {
        defer { isSetAside = true }
        isLost = true
        restsUntil = instant
        return !isSetAside
    }

    /// The group is there, in that life of it.
    package mutating func rejoin(_ epoch: UInt64) {
        self.epoch = epoch
        isLost = false
        isSetAside = false
        restsUntil = .distantPast
    }
}

/// Where one stream and what belongs to a group of it lie on the server; the copies of a membership share it.
package final class GroupKeys: Sendable {
    /// The stream.
    package let stream: StreamName
    /// The stream's key.
    package let key: String
    /// The key of the group's floor and epoch.
    package let floor: String
    /// The key of what waits for a retry.
    package let due: String
    /// The key of the group's sweep guard.
    package let sweepGuard: String

    package init(_ stream: StreamName, group: GroupName, keys: RedisKeys) {
        self.stream = stream
        key = keys.key(of: stream)
        floor = keys.floor(group, of: stream)
        due = keys.due(group, of: stream)
        sweepGuard = keys.sweep(group, of: stream)
    }
}

/// How fast a group is made again that is lost again and again: at once, then slower and slower.
package struct RejoinBackoff: Sendable {
    private static let shortest = Duration.milliseconds(100)
    private static let longest = Duration.seconds(1)
    private static let memory = Duration.seconds(5)

    private var last = Instant.distantPast
    private var pause = Duration.zero

    package init() {}

    /// A group was lost; returns when it may be made again.
    package mutating func lost(at now: Instant) -> Instant {
        pause = now - last > Self.memory ? .zero : min(Self.longest, max(Self.shortest, pause * 2))
        last = now + pause
        return last
    }
}
