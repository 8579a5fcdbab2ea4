// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How many messages of each stream a read asks for while many streams have more. A pure value.
///
/// A read that brings one message of each of hundreds of streams costs the server and this process several times as much
/// as one that brings many messages of few streams, and so do their acknowledgements. So while reads come back full,
/// each next one names fewer streams and asks for more of each; the streams have their turns. Once streams have little,
/// a read names more of them again, since a read that brings little is a round trip for little.
package struct ReadDepth: Sendable, Equatable {
    /// The most messages of each stream: what a stream costs beside its messages is little by then.
    package static let greatest = 64
    /// How many streams a read names at least, if there are that many.
    private static let leastBreadth = 4

    /// How many messages of each stream are worth asking for.
    package private(set) var messages = 1

    package init() {}

    /// How many streams a read with that much room names.
    package func breadth(_ room: Int) -> Int { max(min(room, Self.leastBreadth), room / messages) }

    /// Notes how many messages a read brought, and how many it asked for.
    package mutating func didRead(_ count: Int, of asked: Int) {
        if count * 4 >= asked * 3 {
            messages = min(Self.greatest, messages * 2)
        } else if count * 4 < asked {
            messages = max(1, messages / 2)
        }
    }
}
