// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import Logging

/// What is told to a person. Closed by design.
package enum SentinelNote: Sendable, Hashable {
    /// The primary may be none any more.
    case doubted(RedisAddress, because: String)
    /// The connections to a server are closed, since a Sentinel names another one.
    case left(RedisAddress, for: RedisAddress, toldBy: RedisAddress)
    /// The primary is in use, this long after the doubt.
    case found(RedisAddress, after: Duration)
    /// No Sentinel answers while connections lead to a server, so a failover would go unnoticed.
    case deaf([RedisAddress], using: RedisAddress)
    /// A Sentinel answers again.
    case hearsAgain(RedisAddress)

    /// Returns the note in one line.
    package func sentence(about name: String) -> String {
        switch self {
        case .doubted(let server, let cause):
            "The primary '\(name)' at \(server) is in doubt: \(cause); asking the Sentinels"
        case .left(let old, let new, let sentinel):
            "Left \(old): \(sentinel) says that the primary '\(name)' is \(new) now"
        case .found(let server, let time): "The primary '\(name)' is \(server), found after \(time.inWords)"
        case .deaf(let sentinels, let server):
            "No Sentinel of the primary '\(name)' answers (\(RedisPlace.list(sentinels))): a failover would go unnoticed "
                + "until the connections to \(server) break"
        case .hearsAgain(let sentinel): "\(sentinel) answers again for the primary '\(name)'"
        }
    }

    /// How loud it is told.
    package var level: Logger.Level {
        switch self {
        case .doubted, .left, .deaf: .warning
        case .found, .hearsAgain: .info
        }
    }
}
