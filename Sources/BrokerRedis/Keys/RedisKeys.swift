// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// The keys of everything on the server: the one place that knows their names.
///
/// The stream `orders` has the key `orders`, with the prefix `app:` the key `app:orders`. The keys of its groups lie in
/// the same cluster slot, since the stream's key is their hash tag: `{app:orders}:billing:due`. A name with a tag keeps
/// it. If the name begins with the tag, the prefix goes into the tag (`{app:orders}:dead`), so that streams that share
/// a slot without a prefix share one with a prefix.
package struct RedisKeys: Sendable, Hashable {
    /// The prefix of every key, inside a hash tag at the beginning of the key; empty for none.
    package let prefix: String
    /// Whether the keys are divided among the nodes of a cluster.
    package let isOnCluster: Bool

    /// Makes keys with a prefix, which has no braces.
    package init(prefix: String = "", isOnCluster: Bool = false) {
        self.prefix = prefix
        self.isOnCluster = isOnCluster
    }

    /// Returns the key of a stream.
    package func key(of stream: StreamName) -> String { prefixed(stream.text) }

    /// Returns the pattern for the keys of the streams that match a pattern.
    package func pattern(of pattern: StreamPattern) -> String { prefixed(pattern.text) }

    /// Returns the stream of a key; `nil` for a key without our prefix.
    package func stream(at key: String) -> StreamName? {
        if key.hasPrefix("{"), key.dropFirst().hasPrefix(prefix) {
            return StreamName("{" + key.dropFirst(1 + prefix.count))
        }
        return key.hasPrefix(prefix) ? StreamName(String(key.dropFirst(prefix.count))) : nil
    }

    /// Returns the sorted set of a group's entries that wait for a retry: padded id → when it is due.
    package func due(_ group: GroupName, of stream: StreamName) -> String { beside(stream, group, "due") }

    /// Returns the hash of a group's floor, the greatest id up to which everything is settled, of its epoch, and of the
    /// guard of its sweep, which says until when the group need not be swept.
    package func floor(_ group: GroupName, of stream: StreamName) -> String { beside(stream, group, "floor") }

    /// Returns the key in which an earlier version keeps the guard of a group's sweep.
    package func formerGuard(_ group: GroupName, of stream: StreamName) -> String { beside(stream, group, "sweep") }

    /// Returns the guard of the maintenance of a stream or of a pattern's streams: until when no process need do it. No
    /// group has a name that begins with `~`.
    package func upkeep(of selection: StreamSelection) -> String {
        beside(StreamName(selection.text), "~upkeep", "sweep")
    }

    /// Returns the hash of the ids of publishes that a stream remembers.
    package func publishedIDs(of stream: StreamName) -> String { Self.publishedIDs(beside: key(of: stream)) }

    /// Returns the hash of the ids of publishes that the stream with this key remembers.
    static func publishedIDs(beside key: String) -> String { beside(key, "~publish", "ids") }

    /// Whether the streams of a pattern may lie in different cluster slots.
    package func isScattered(_ pattern: StreamPattern) -> Bool {
        RedisSlot.tag(of: self.pattern(of: pattern)).contains("*")
    }

    /// Returns the route to the streams of a selection.
    package func route(of selection: StreamSelection) -> RedisRoute {
        switch selection {
        case .stream(let stream): .key(key(of: stream))
        case .pattern(let pattern): isScattered(pattern) ? .everyPrimary : .key(self.pattern(of: pattern))
        }
    }

    /// The consumer that owns entries that wait for a retry, as in the scripts.
    package static let parked = "~parked"

    private func prefixed(_ name: String) -> String {
        name.hasPrefix("{") ? "{" + prefix + name.dropFirst() : prefix + name
    }

    private func beside(_ stream: StreamName, _ group: GroupName, _ ending: String) -> String {
        Self.beside(key(of: stream), group, ending)
    }

    private static func beside(_ key: String, _ group: GroupName, _ ending: String) -> String {
        "\(key.contains("{") ? key : "{\(key)}"):\(group):\(ending)"
    }
}
