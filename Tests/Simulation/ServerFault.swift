// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit

/// An error of the server, as a provider hands it on: a row of the reply map, or a reply that never came.
struct ServerFault: Sendable {
    let name: String
    let code: BrokerError.Code
    var isRetryable = true
    /// Whether the call takes effect before it fails.
    var applies = false

    /// What the caller is told.
    var error: BrokerError {
        let isKnown = !applies && code != .timeout
        return BrokerError(
            code, "\(name) by simulation", isRetryable: isRetryable, effect: isKnown ? .notApplied : .unknown)
    }

    /// Every row, the replies that cannot be told from success last.
    static let all: [ServerFault] =
        ["LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "MISCONF", "OOM", "MAXCLIENTS"]
        .map { ServerFault(name: $0, code: .server) }
        + ["READONLY", "UNBLOCKED", "MOVED", "ASK", "NOSCRIPT", "NOGROUP"].map { ServerFault(name: $0, code: .server) }
        + ["CROSSSLOT", "PROTOCOL", "EXECABORT", "ERR"].map {
            ServerFault(name: $0, code: .server, isRetryable: false)
        }
        + ["NOAUTH", "WRONGPASS", "NOPERM", "DENIED", "NOPROTO"].map {
            ServerFault(name: $0, code: .unauthorized, isRetryable: false)
        }
        + [
            ServerFault(name: "WRONGTYPE", code: .wrongType, isRetryable: false),
            ServerFault(name: "overloaded", code: .overloaded),
            ServerFault(name: "timeout before", code: .timeout),
            ServerFault(name: "timeout behind", code: .timeout, applies: true),
            ServerFault(name: "end of file", code: .connection, applies: true),
            ServerFault(name: "malformed reply", code: .malformedReply, applies: true),
        ]
}

/// How a server behaves for a while.
struct ServerMood: Sendable {
    /// Which rows of ``ServerFault/all`` it answers, and to what part of the calls.
    var rates: [(fault: Int, rate: Double)] = []
    /// Of the settlements that store something, the part that is refused alone.
    var refusals = 0.0

    /// As it should be.
    static let good = ServerMood()

    /// One to three errors; now and then it answers one of them to every call.
    static func some(_ dice: Dice) -> ServerMood {
        let isTotal = dice.chance(0.2)
        let rates = (0..<(isTotal ? 1 : dice.number(in: 1...3))).map { _ in
            (
                fault: dice.number(in: 0...(ServerFault.all.count - 1)),
                rate: isTotal ? 1 : dice.number(in: 0.02..<0.4)
            )
        }
        return ServerMood(rates: rates, refusals: dice.chance(0.5) ? dice.number(in: 0..<0.5) : 0)
    }
}
