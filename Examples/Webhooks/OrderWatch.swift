// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Notices when messages of one key are not handled in the order of their stream, one after another. A pure value.
struct OrderWatch: Sendable {
    private struct Row: Hashable, Sendable {
        let stream: StreamName
        let key: String
    }

    private var running: [Row: MessageID] = [:]
    private var latest: [Row: MessageID] = [:]
    private(set) var violations = 0

    /// A handler begins. The same message again is no violation: it was to be handled at least once.
    mutating func begin(_ id: MessageID, of stream: StreamName, key: String) {
        let row = Row(stream: stream, key: key)
        let isAlone = running.updateValue(id, forKey: row) == nil
        let isInOrder = latest[row].map { $0 <= id } ?? true
        if !isAlone || !isInOrder { violations += 1 }
        latest[row] = max(id, latest[row] ?? .zero)
    }

    mutating func end(_ id: MessageID, of stream: StreamName, key: String) {
        let row = Row(stream: stream, key: key)
        if running[row] == id { running[row] = nil }
    }
}
