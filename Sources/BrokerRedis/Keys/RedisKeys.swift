// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// Where everything lies on the server: the one place that knows how keys are spelled.
///
/// A stream `orders` lies under `orders`, with the prefix `app:` under `app:orders`. What belongs to one of its groups
/// lies beside it, in the same cluster slot, since the stream's key is the hash tag: `{app:orders}:billing:due`. A name
/// with a tag keeps it; where the name begins with the tag, the prefix goes into it (`{app:orders}:dead`), so that
/// what shared a slot without a prefix shares one with it.
package struct RedisKeys: Sendable, Hashable {
    /// What every key begins with, inside a hash tag that the key begins with; empty for none.
    package let prefix: String

    /// Makes the keys of a prefix, in which there are no braces.
    package init(prefix: String = "") {
        self.prefix = prefix
    }

    /// The key of a stream.
    package func key(of stream: StreamName) -> String { prefixed(stream.text) }

    /// The pattern that the keys of the streams match which match a pattern.
    package func pattern(of pattern: StreamPattern) -> String { prefixed(pattern.text) }

    /// The stream that lies under a key; `nil` when the key has not our prefix.
    package func stream(at key: String) -> StreamName? {
        if key.hasPrefix("{"), key.dropFirst().hasPrefix(prefix) {
            return StreamName("{" + key.dropFirst(1 + prefix.count))
        }
        return key.hasPrefix(prefix) ? StreamName(String(key.dropFirst(prefix.count))) : nil
    }

    /// The set of the streams that were published to, by key; what patterns read.
    package var streams: String { prefix + Self.streamSet }

    /// The sorted set of a group's entries that wait for a retry: padded id → when it is due.
    package func due(_ group: GroupName, of stream: StreamName) -> String { beside(stream, group, "due") }

    /// The hash of a group's floor, the greatest id up to which everything is settled, and of its epoch.
    package func floor(_ group: GroupName, of stream: StreamName) -> String { beside(stream, group, "floor") }

    /// The guard of a group's sweep: until when the group need not be swept.
    package func sweep(_ group: GroupName, of stream: StreamName) -> String { beside(stream, group, "sweep") }

    /// The guard of the upkeep of a stream or of a pattern's streams: until when nobody need look after them. No group
    /// has a name that begins like this one.
    package func upkeep(of selection: StreamSelection) -> String {
        beside(StreamName(selection.text), "~upkeep", "sweep")
    }

    /// Whether the streams of a pattern may lie in different cluster slots.
    package func isScattered(_ pattern: StreamPattern) -> Bool {
        RedisSlot.tag(of: self.pattern(of: pattern)).contains("*")
    }

    /// Where the streams of a selection lie.
    package func route(of selection: StreamSelection) -> RedisRoute {
        switch selection {
        case .stream(let stream): .key(key(of: stream))
        case .pattern(let pattern): isScattered(pattern) ? .everyPrimary : .key(self.pattern(of: pattern))
        }
    }

    /// A stream cannot have this name, since with the prefix it is the key of the set of streams.
    package static let streamSet = "streams"

    /// The owner of what waits for a retry, as the scripts know it.
    package static let parked = "~parked"

    private func prefixed(_ name: String) -> String {
        name.hasPrefix("{") ? "{" + prefix + name.dropFirst() : prefix + name
    }

    private func beside(_ stream: StreamName, _ group: GroupName, _ ending: String) -> String {
        let key = key(of: stream)
        return "\(key.contains("{") ? key : "{\(key)}"):\(group):\(ending)"
    }
}
