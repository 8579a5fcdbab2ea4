// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// The membership of a consumer in the group of one stream: its keys, the group's epoch, and when it is swept.
package struct Membership: Sendable {
    private let keys: GroupKeys
    /// The epoch of the group: a number that rises each time the group is made. Receipts carry it.
    package var epoch: UInt64
    /// When the stream is swept.
    package var sweep = SweepState()
    /// Whether the group must be made again before anything is read.
    package var isLost = false
    /// Until then the stream is left alone: its key held something else, its group is lost again and again, or its slot
    /// moves.
    package var restsUntil = Instant.distantPast
    /// Whether it is known that the key holds something else.
    private var isSetAside = false
    /// When a lost group may be made again.
    private var backoff = RejoinBackoff()

    package init(_ stream: StreamName, group: GroupName, keys: RedisKeys, epoch: UInt64) {
        self.keys = GroupKeys(stream, group: group, keys: keys)
        self.epoch = epoch
    }

    /// The stream.
    package var stream: StreamName { keys.stream }
    /// The stream's key.
    package var key: String { keys.key }
    /// The slot of a cluster in which they all lie.
    package var slot: RedisSlot { keys.slot }
    /// The key of the group's floor, epoch and guard.
    package var floor: String { keys.floor }
    /// The key of what waits for a retry.
    package var due: String { keys.due }

    /// Whether the stream can be read and swept now.
    package func isReadable(at now: Instant) -> Bool { !isLost && now >= restsUntil }

    /// Marks the group as lost. The more often that happens, the longer the stream is left alone.
    package mutating func lose(at now: Instant) {
        if isLost { return }
        isLost = true
        restsUntil = backoff.lost(at: now)
    }

    /// Leaves the stream alone, because its key holds something else.
    ///
    /// - Returns: Whether this was not known before.
    package mutating func setAside(until instant: Instant) -> Bool {
        defer { isSetAside = true }
        isLost = true
        restsUntil = instant
        return !isSetAside
    }

    /// Leaves the stream alone for a while; its group is what it was.
    package mutating func rest(until instant: Instant) {
        restsUntil = max(restsUntil, instant)
    }

    /// Marks the group as there, in that epoch.
    package mutating func rejoin(_ epoch: UInt64) {
        self.epoch = epoch
        isLost = false
        isSetAside = false
        restsUntil = .distantPast
    }
}

/// The keys of one stream and of one group of it. The copies of a membership share them.
package final class GroupKeys: Sendable {
    /// The stream.
    package let stream: StreamName
    /// The stream's key.
    package let key: String
    /// The slot of a cluster in which all keys lie.
    package let slot: RedisSlot
    /// The key of the group's floor, epoch and guard.
    package let floor: String
    /// The key of what waits for a retry.
    package let due: String

    package init(_ stream: StreamName, group: GroupName, keys: RedisKeys) {
        self.stream = stream
        key = keys.key(of: stream)
        slot = RedisSlot(of: key)
        floor = keys.floor(group, of: stream)
        due = keys.due(group, of: stream)
    }
}

/// How soon a group that is lost repeatedly is made again: at once the first time, then after longer and longer pauses.
package struct RejoinBackoff: Sendable {
    private static let shortest = Duration.milliseconds(100)
    private static let longest = Duration.seconds(1)
    private static let memory = Duration.seconds(5)

    private var last = Instant.distantPast
    private var pause = Duration.zero

    package init() {}

    /// Notes that the group was lost; returns when it may be made again.
    package mutating func lost(at now: Instant) -> Instant {
        pause = now - last > Self.memory ? .zero : min(Self.longest, max(Self.shortest, pause * 2))
        last = now + pause
        return last
    }
}
