// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import RedisWire

/// A command that went through a proxy, and what the server answered to it.
package struct ProxyExchange: Sendable {
    /// The connection it came by, counted from 1.
    package let connection: Int
    /// The command's name and arguments, as texts.
    package let command: [String]
    /// The answer.
    package let reply: RedisReply

    /// The command's name in capitals.
    package var name: String { command.first?.uppercased() ?? "" }

    /// Whether it ran a script, by its digest or by its text.
    package func isCall(of script: RedisScript) -> Bool {
        guard command.count > 1, reply.kind != .error else { return false }
        return name == "EVALSHA" && command[1] == script.digest || name == "EVAL" && command[1] == script.text
    }

    /// Whether it read messages for a group and got some.
    package var hasReadMessages: Bool { name == "XREADGROUP" && reply.elements.count > 0 }
}
