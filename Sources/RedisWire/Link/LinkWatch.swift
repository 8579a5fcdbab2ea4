// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Is told how attempts to connect end, for whoever tells a person about it.
///
/// The event loops of the connections call it, several at a time. It must not block.
package protocol LinkWatch: Sendable {
    /// A connection was made and the server replied.
    ///
    /// - Parameter connection: The connection, before anybody uses it; `nil` if it takes no commands.
    func connected(_ connection: RedisConnection?)

    /// An attempt failed, or it has had no answer for a while and goes on.
    ///
    /// - Parameter error: What was found and what to check, in one line.
    func failed(_ error: RedisError)
}

/// How long an attempt to connect may take before it is told that there is no answer so far.
enum ConnectPatience {
    static let limit = TimeAmount.milliseconds(800)
}
