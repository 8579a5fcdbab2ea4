// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// What the program `Yardstick`, plain C on blocking hiredis, reaches on the same server.
struct Yardstick: Codable, Sendable {
    /// Messages a second published in batches.
    var publish: Double
    /// Messages a second read and acknowledged in batches.
    var consume: Double

    /// Runs it once in a process of its own; it empties the server first.
    static func measure(_ messages: Int, inBatchesOf size: Int, on server: RedisServer) throws -> Yardstick {
        let words = [try server.port, messages, size, Suite.message.payload.count].map { "\($0)" }
        let output = try Program.output(of: try Program.sibling("Yardstick"), words)
        return try JSONMessageCodec().decode(Yardstick.self, from: Payload(output))
    }
}
