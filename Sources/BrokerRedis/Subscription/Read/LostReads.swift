// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Reads of new messages whose replies were lost, as a pure value.
///
/// The server has leased the messages of a lost reply to a consumer that never saw them. XREADGROUP delivers rising
/// ids, so they are the entries of that consumer behind the last message that it did see.
package struct LostReads: Sendable {
    /// A stream with a lost reply.
    package struct Gap: Sendable, Hashable {
        /// The stream.
        package let stream: StreamName
        /// The last message that arrived; `nil` if none has.
        package fileprivate(set) var last: MessageID?
        /// When the read was sent. What the consumer held before was leased before.
        package let since: Instant

        /// How long ago the messages of the lost reply were leased at most, in milliseconds.
        package func age(at now: Instant) -> Int { Int((now - since).millisecondsRoundedUp) }
    }

    private var last: [StreamName: MessageID] = [:]
    private var gaps: [StreamName: Gap] = [:]

    package init() {}

    /// Whether no reply was lost.
    package var isEmpty: Bool { gaps.isEmpty }

    /// Returns some of the streams with a lost reply, in no particular order.
    package func gaps(atMost count: Int) -> [Gap] { Array(gaps.values.prefix(count)) }

    /// Records the last message of a reply.
    package mutating func arrived(_ id: MessageID, in stream: StreamName) {
        last[stream] = id
    }

    /// Records that the reply to a read of these streams was lost.
    package mutating func lost(_ streams: some Sequence<StreamName>, since: Instant) {
        for stream in streams where gaps[stream] == nil {
            gaps[stream] = Gap(stream: stream, last: last[stream], since: since)
        }
    }

    /// Records that the messages of a gap were found up to an id.
    package mutating func found(_ gap: Gap, upTo id: MessageID?, hasMore: Bool) {
        guard gaps[gap.stream] != nil else { return }
        if let id { last[gap.stream] = id }
        gaps[gap.stream] = nil
        if hasMore { lost([gap.stream], since: gap.since) }
    }

    /// Forgets a stream: the consumer has left it, or its group begins anew.
    package mutating func forget(_ stream: StreamName) {
        last[stream] = nil
        gaps[stream] = nil
    }
}
