// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What the log says of a drain: a pure value.
package struct DrainNotice: Sendable {
    /// When it began.
    package var began: Instant
    /// How many handlers ran then.
    package var running: Int
    /// How long they may go on until they are cancelled.
    package var limit: Duration
    /// How many messages had been handed back until then.
    package var released: Int
    /// What else a person can do.
    package var hint: String
    /// Whether the log has the beginning.
    var isBeginningLogged = false

    package init(began: Instant, running: Int, limit: Duration, released: Int, hint: String = "") {
        self.began = began
        self.running = running
        self.limit = limit
        self.released = released
        self.hint = hint
    }

    /// The line at the beginning.
    package var beginning: String {
        let time = limit > .zero ? "may go on for \(limit.inWords)" : "is cancelled now"
        let handlers =
            switch running {
            case 0: "no handler runs"
            case 1: "1 handler runs and \(time)"
            default: "\(running) handlers run, each \(time)"
            }
        return "Shutting down: \(handlers)\(hint)"
    }

    /// The line at the end.
    package func end(after time: Duration, released count: Int) -> String {
        let messages =
            switch count {
            case 0: "no message was handed back"
            case 1: "1 message was handed back"
            default: "\(count) messages were handed back"
            }
        return "Shut down after \(time.inWords): \(messages)"
    }
}
