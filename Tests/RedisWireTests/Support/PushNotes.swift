// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Synchronization

/// Keeps what comes over a push connection, as lines.
final class PushNotes: PushReceiver {
    private let state = Mutex<[String]>([])
    private let room: Int

    init(room: Int = .max) { self.room = room }

    var lines: [String] { state.withLock { $0 } }

    func take(_ events: [PushEvent]) -> Bool {
        state.withLock { lines in
            for event in events {
                switch event {
                case .began(let topic): lines.append("+\(topic.text)")
                case .ended(let topic): lines.append("-\(topic.text)")
                case .refused(let topic, _): lines.append("!\(topic.text)")
                case .message(let message):
                    lines.append("\(message.channel)=\(String(decoding: message.payload, as: UTF8.self))")
                case .unreadable: lines.append("?")
                case .lost: lines.append("lost")
                }
            }
            return lines.count <= room
        }
    }
}
