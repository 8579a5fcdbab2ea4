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
        let connection = try await commandConnection(to: action)
        do throws(RedisError) {
            return try await connection.send(commands)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// Calls scripts and waits for their replies.
    func ask(_ calls: ScriptCalls, to action: String) async throws(BrokerError) -> [RedisReply] {
        let connection = try await commandConnection(to: action)
        do throws(RedisError) {
            return try await connection.run(calls)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// The streams that match a pattern, by name: those of the set, and those that others have made.
    ///
    /// What the user may not read is left out, unless that is everything. Some may be gone meanwhile.
    func streams(matching pattern: StreamPattern) async throws(BrokerError) -> [StreamName] {
        let action = "list the streams of '\(pattern.text)'"
        let members = try await ask(RedisCommands("SMEMBERS", keys.streams), to: action)
        var found = Set(members[0]?.elements.compactMap(\.string) ?? [])
        var cursor = "0"
        repeat {
            let scan = RedisCommands(
                "SCAN", cursor, "MATCH", keys.pattern(of: pattern), "COUNT", "1000", "TYPE", "stream")
            let reply = try await ask(scan, to: action)[0]
            if let error = reply?.error {
                if members[0]?.error != nil { throw BrokerError(error, action) }
                break
            }
            found.formUnion(reply?.elements[1]?.elements.compactMap(\.string) ?? [])
            cursor = reply?.elements[0]?.string ?? "0"
        } while cursor != "0"
        return found.compactMap(keys.stream(at:)).filter(pattern.matches).sorted()
    }
}
