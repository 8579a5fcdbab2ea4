// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension RedisConnection {
    /// The first half of a call of scripts: sent by digest, it has its place in the pipeline when this returns.
    package func submit(_ calls: ScriptCalls) throws(RedisError) -> PendingScripts {
        PendingScripts(connection: self, calls: calls, pending: try submit(calls.commandsByDigest()))
    }

    /// Calls scripts and waits for their replies.
    package func run(_ calls: ScriptCalls) async throws(RedisError) -> [RedisReply] {
        try await submit(calls).replies()
    }
}

/// The second half of a call of scripts.
package struct PendingScripts: Sendable {
    let connection: RedisConnection
    let calls: ScriptCalls
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
            again = try await connection.send(calls.commandsByText(forgotten))
        } catch {
            throw forgotten.count == replies.count ? error : error.with(.unknown)
        }
        for (position, reply) in zip(forgotten, again) { replies[position] = reply }
        return replies
    }
}
