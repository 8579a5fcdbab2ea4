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
    /// The prefix of every channel; empty for none.
    package let prefix: String

    /// Makes channels with a prefix.
    package init(prefix: String = "") {
        self.prefix = prefix
    }

    /// Returns the channel of a stream.
    package func channel(of stream: StreamName) -> String { prefix + stream.text }

    /// Returns the stream of a channel; `nil` for a channel without our prefix.
    package func stream(of channel: String) -> StreamName? {
        channel.hasPrefix(prefix) ? StreamName(String(channel.dropFirst(prefix.count))) : nil
    }

    /// Returns the topic of a selection.
    package func topic(of selection: StreamSelection) -> PushTopic {
        switch selection {
        case .stream(let stream): .channel(channel(of: stream))
        case .pattern(let pattern): .pattern(Self.escaped(prefix, "*") + Self.escaped(pattern.text))
        }
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
