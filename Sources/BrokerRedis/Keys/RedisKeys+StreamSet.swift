// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The set of the keys of streams that were published to. Patterns read it.
///
/// On one server it is one key, `~streams`. Every publisher adds its streams again every few seconds, so on a cluster
/// it has parts, which lie on all nodes: `{~streams#0}` to `{~streams#15}`. Names in a configuration have no `~`.
extension RedisKeys {
    private static let partCount: UInt64 = 16

    /// The keys of everything that may hold a part of the set: on a cluster also that of the whole set, which processes
    /// fill that know only one node.
    package var streamSets: [String] { streamSetParts + [streamSet] }

    /// The key of the set on one server.
    package var streamSet: String { prefix + "~streams" }

    /// The parts of the set on a cluster; none on one server.
    package var streamSetParts: [String] {
        isOnCluster ? (0..<Self.partCount).map(streamSetPart) : []
    }

    /// Returns the set to which the key of a stream belongs. This must not change: every process computes it.
    package func streamSet(of key: String) -> String {
        if !isOnCluster { return streamSet }
        let hash = Self.hash(key)
        return streamSetPart((hash >> 32 ^ hash) % Self.partCount)
    }

    /// Returns streams by the set to which they belong.
    func bySet(_ streams: [StreamName]) -> [(set: String, keys: [String])] {
        let keys = streams.map(key(of:))
        guard isOnCluster else { return keys.isEmpty ? [] : [(streamSet, keys)] }
        return Dictionary(grouping: keys, by: streamSet(of:)).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The set in which an earlier version kept them. It may be a key of somebody else by now.
    package var formerStreams: String { prefix + "streams" }

    private func streamSetPart(_ number: UInt64) -> String { "{\(streamSet)#\(number)}" }

    /// Returns the FNV-1a hash of a text.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
