// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// How streams are channels: the one place that knows how these are spelled.
///
/// The channel of a stream is its name behind the prefix. A pattern is spelled so that the server takes every character
/// but `*` literally, and what comes is held against the pattern again.
package struct RedisChannels: Sendable {
    /// What every channel begins with; empty for none.
    package let prefix: String

    /// Makes the channels of a prefix.
    package init(prefix: String = "") {
        self.prefix = prefix
    }

    /// The channel of a stream.
    package func channel(of stream: StreamName) -> String { prefix + stream.text }

    /// The stream of a channel; `nil` when the channel has not our prefix.
    package func stream(of channel: String) -> StreamName? {
        channel.hasPrefix(prefix) ? StreamName(String(channel.dropFirst(prefix.count))) : nil
    }

    /// What is listened to for a selection.
    package func topic(of selection: StreamSelection) -> PushTopic {
        switch selection {
        case .stream(let stream): .channel(channel(of: stream))
        case .pattern(let pattern): .pattern(Self.escaped(prefix, "*") + Self.escaped(pattern.text))
        }
    }

    /// The pattern that was spelled so.
    package func pattern(of topic: String) -> StreamPattern {
        var text = ""
        var rest = topic[...]
        while let character = rest.popFirst() {
            text.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        return StreamPattern(String(text.dropFirst(prefix.count)))
    }

    /// What a server's pattern gives a meaning, each with a backslash in front. A stream's name has none of these.
    private static func escaped(_ text: String, _ more: String = "") -> String {
        String(text.flatMap { "\\?[]^\(more)".contains($0) ? ["\\", $0] : [$0] })
    }
}
