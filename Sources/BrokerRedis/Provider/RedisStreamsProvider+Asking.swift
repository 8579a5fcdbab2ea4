// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// Questions to the server that have nothing to do with leases.
extension RedisStreamsProvider {
    /// Sends commands and waits for their replies; an error that the server answered is a reply.
    func ask(_ commands: RedisCommands, to action: String) async throws(BrokerError) -> RedisReplies {
        let connection = try await commandConnection(to: action, for: commands.routes)
        do throws(RedisError) {
            return try await connection.send(commands)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// Calls scripts and waits for their replies.
    func ask(_ calls: ScriptCalls, to action: String) async throws(BrokerError) -> [RedisReply] {
        let connection = try await commandConnection(to: action, for: calls.routes)
        do throws(RedisError) {
            return try await connection.run(calls)
        } catch {
            throw BrokerError(error, action)
        }
    }
}
