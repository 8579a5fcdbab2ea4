// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension RedisConnection {
    /// The first half of a call of scripts: sent by digest, it has its place in the pipeline when this returns.
    ///
    /// - Parameter timeout: How long the server may be silent; by default as long as with any command.
    package func submit(_ calls: ScriptCalls, timeout: Duration? = nil) throws(RedisError) -> PendingScripts {
        let timeout = timeout ?? commandTimeout
        let pending = try submit(calls.commandsByDigest(), timeout: timeout)
        return PendingScripts(connection: self, calls: calls, timeout: timeout, pending: pending)
    }

    /// Calls scripts and waits for their replies.
    package func run(_ calls: ScriptCalls, timeout: Duration? = nil) async throws(RedisError) -> [RedisReply] {
        try await submit(calls, timeout: timeout).replies()
    }
}

/// The second half of a call of scripts.
package struct PendingScripts: Sendable {
    let connection: RedisConnection
    let calls: ScriptCalls
    let timeout: Duration
    let pending: PendingReplies

    /// Waits for the replies, one for each call, in the order of the calls.
    ///
    /// Calls of scripts that the server has forgotten did not run; they are sent once more, by text and in their order,
    /// but behind what was submitted meanwhile. If that cannot be done, the calls that had run keep their replies and
    /// the whole throws with an unknown outcome.
    package func replies() async throws(RedisError) -> [RedisReply] {
        var replies = Array(try await pending.replies())
        let forgotten = replies.indices.filter { replies[$0].error?.reaction == .reloadScript }
        if forgotten.isEmpty { return replies }
        let again: RedisReplies
        do {
            again = try await connection.submit(calls.commandsByText(forgotten), timeout: timeout).replies()
        } catch {
            throw forgotten.count == replies.count ? error : error.with(.unknown)
        }
        for (position, reply) in zip(forgotten, again) { replies[position] = reply }
        return replies
    }
}
