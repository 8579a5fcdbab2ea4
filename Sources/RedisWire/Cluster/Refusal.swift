// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why a node did not carry out a command, and did nothing at all, so that the command is sent again.
enum Refusal: Sendable, Hashable {
    /// The slot is elsewhere.
    case redirected(Redirection)
    /// The node cannot at the moment. Whether the map may be wrong, too.
    case unable(isDoubtful: Bool)

    /// Reads an error reply; `nil` for one that is an answer.
    init?(_ error: ServerError) {
        // A script may have written before.
        if error.isInsideScript { return nil }
        let text = error.text.dropPrefix(Self.discarded)
        if let redirection = Redirection(text) {
            self = .redirected(redirection)
            return
        }
        let word = text.prefix { $0 != " " }
        guard let isDoubtful = Self.words[String(word)] else { return nil }
        self = .unable(isDoubtful: isDoubtful)
    }

    /// How EXEC says why it gave up.
    private static let discarded = "EXECABORT Transaction discarded because of: "

    /// MOVED and ASK in a form that nobody can follow are there as well.
    private static let words = [
        "MOVED": true, "ASK": true, "CLUSTERDOWN": true, "MASTERDOWN": true, "READONLY": true, "LOADING": true,
        "TRYAGAIN": false,
    ]

    /// Returns the error for which a transaction was given up.
    ///
    /// - Parameters:
    ///   - queued: What its commands were answered.
    ///   - end: What EXEC was answered.
    static func cause(queued: [RedisReply], end: RedisReply?) -> RedisReply? {
        queued.first { $0.kind == .error } ?? end
    }
}

extension String {
    fileprivate func dropPrefix(_ prefix: String) -> Substring {
        hasPrefix(prefix) ? dropFirst(prefix.count) : self[...]
    }
}
