// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// The channels of streams: the one place that knows their names.
///
/// The channel of a stream is the prefix and its name. A pattern is escaped, so that the server takes every character
/// but `*` literally. Channels that come are compared with the pattern again.
package struct RedisChannels: Sendable {
    /// Which of the two kinds of channels of a server are used. A message to a channel of one kind does not reach those
    /// who listen to a channel of the other kind, whatever its name.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// In a cluster every node passes on every message to all others.
        case classic
        /// In a cluster a channel belongs to a slot, and its messages stay on the nodes of that slot.
        case sharded
    }

    /// The prefix of every channel; empty for none.
    package let prefix: String
    /// Which channels are used.
    package let kind: Kind

    /// Makes channels with a prefix.
    package init(prefix: String = "", kind: Kind = .classic) {
        self.prefix = prefix
        self.kind = kind
    }

    /// Returns the channel of a stream.
    package func channel(of stream: StreamName) -> String { prefix + stream.text }

    /// Returns the stream of a channel; `nil` for a channel without our prefix.
    package func stream(of channel: String) -> StreamName? {
        channel.hasPrefix(prefix) ? StreamName(String(channel.dropFirst(prefix.count))) : nil
    }

    /// Returns the topic of a selection; the kind is to be classic for a pattern.
    package func topic(of selection: StreamSelection) -> PushTopic {
        switch selection {
        case .stream(let stream): kind == .sharded ? .shard(channel(of: stream)) : .channel(channel(of: stream))
        case .pattern(let pattern): .pattern(Self.escaped(prefix, "*") + Self.escaped(pattern.text))
        }
    }

    /// Adds the command that publishes to the channel of a stream; the payload is to follow as its last part.
    func beginPublish(to stream: StreamName, in commands: inout RedisCommands) {
        let channel = channel(of: stream)
        switch kind {
        case .classic: commands.begin(3, "PUBLISH", for: .anyNode)
        case .sharded: commands.begin(3, "SPUBLISH", for: .key(channel))
        }
        commands.add(channel)
    }

    /// Returns the pattern of an escaped topic.
    package func pattern(of topic: String) -> StreamPattern {
        var text = ""
        var rest = topic[...]
        while let character = rest.popFirst() {
            text.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        return StreamPattern(String(text.dropFirst(prefix.count)))
    }

    /// Escapes the characters that have a meaning in a server's pattern. Names of streams have none of them.
    private static func escaped(_ text: String, _ more: String = "") -> String {
        String(text.flatMap { "\\?[]^\(more)".contains($0) ? ["\\", $0] : [$0] })
    }
}
