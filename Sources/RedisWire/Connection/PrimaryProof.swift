// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The part of a handshake that proves that the server is a primary.
///
/// A Sentinel may be behind, and a primary may have become a replica a moment ago.
enum PrimaryProof {
    /// The question for users who lack the right to the first one.
    static let otherQuestion = RedisCommands("INFO", "replication", for: .anyNode)

    /// Adds the question.
    static func addQuestion(to commands: inout RedisCommands) { commands.begin(1, "ROLE", for: .anyNode) }

    /// What a reply proves. Closed by design.
    enum Verdict {
        case primary
        case no(role: String)
        /// The server does not let this user ask.
        case refused(ServerError)
    }

    /// Reads the reply to the question.
    static func verdict(role reply: RedisReply?) -> Verdict {
        if let error = reply?.error { return .refused(error) }
        return verdict(reply?.elements[0]?.string ?? "")
    }

    /// Reads the reply to ``otherQuestion``.
    static func verdict(info reply: RedisReply?) -> Verdict {
        if let error = reply?.error { return .refused(error) }
        let lines = reply?.string?.split(whereSeparator: \.isNewline) ?? []
        let role = lines.first { $0.hasPrefix("role:") }?.dropFirst("role:".count)
        return verdict(role.map { String($0) } ?? "")
    }

    private static func verdict(_ role: String) -> Verdict {
        role == "master" ? .primary : .no(role: role == "slave" ? "replica" : String(role.prefix(20)))
    }
}

extension RedisError {
    /// Makes the error for a server that is named as the primary and is none.
    static func noPrimary(_ role: String, at url: RedisURL) -> RedisError {
        var error = RedisError(
            .connection,
            "\(url.place) is named as the primary and says that it is \(role.isEmpty ? "something else" : "a \(role)"); "
                + "a failover may be under way")
        error.isNoPrimary = true
        return error
    }

    /// Makes the error for a server that lets the user not ask what it is.
    static func unprovable(_ error: ServerError, at url: RedisURL) -> RedisError {
        RedisError(
            .server,
            "the server at \(url.place) does not tell this user whether it is the primary (\(error.text)); give the user "
                + "the right to ROLE, or to INFO", serverError: error)
    }
}
