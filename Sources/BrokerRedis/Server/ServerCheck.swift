// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import RedisWire

/// Checks by the facts of a server whether streams can be consumed from it, and what to change.
struct ServerCheck: Sendable {
    /// The oldest version that has what the provider needs (XGROUP CREATE in scripts, exclusive ranges, XPENDING IDLE).
    static let oldest = ServerVersion(6, 2)

    /// The versions of Redis that crash when the slot of a blocked read moves.
    static let fragile = ServerVersion(7, 2)..<ServerVersion(7, 2, 7)

    /// What the URL says that the server is.
    let place: RedisPlace
    let maximumConnections: Int
    let requiresNoEviction: Bool
    /// The pattern that is consumed, if its streams lie in different slots of a cluster.
    var scattered: StreamPattern?
    /// How many primaries the cluster has that 'url' names; `nil` if it names no cluster.
    var primaries: Int?
    /// How many connections the broker itself takes.
    var ownConnections = 0

    /// Returns the findings, in no order of severity.
    ///
    /// - Parameters:
    ///   - facts: The facts of INFO.
    ///   - policy: The eviction policy of CONFIG, for a server whose INFO does not tell it.
    func findings(_ facts: ServerFacts, policy: String? = nil) -> [ServerFinding] {
        [
            version(facts), role(facts), cluster(facts), moves(facts), connections(),
            eviction(facts.evictionPolicy ?? policy), clients(facts),
        ].compactMap { $0 }
    }

    private func version(_ facts: ServerFacts) -> ServerFinding? {
        guard let version = facts.version else { return unknown("its version") }
        guard version < Self.oldest else { return nil }
        return ServerFinding(
            severity: .unusable,
            message:
                "the server is Redis \(facts.name ?? version.description); Redis \(Self.oldest) or Valkey is needed",
            code: .unsupported)
    }

    private func role(_ facts: ServerFacts) -> ServerFinding? {
        guard let isReplica = facts.isReplica else { return unknown("whether it is a replica") }
        guard isReplica else { return nil }
        return ServerFinding(
            severity: .unready, message: "the server is a replica, which takes no writes; 'url' names the primary")
    }

    private func cluster(_ facts: ServerFacts) -> ServerFinding? {
        guard facts.isCluster == true, !place.isCluster else { return nil }
        if let scattered { return refusal(of: scattered) }
        return ServerFinding(
            severity: .warning,
            message: "the server is a node of a cluster: only streams in the slots of this node can be used; "
                + "with redis+cluster:// in place of redis:// in 'url' all can")
    }

    /// Valkey tells a version of Redis with whose commands it is compatible.
    private func moves(_ facts: ServerFacts) -> ServerFinding? {
        guard facts.isCluster == true, !facts.isValkey, let version = facts.version, Self.fragile.contains(version)
        else { return nil }
        return ServerFinding(
            severity: .warning,
            message: "the server is Redis \(facts.name ?? "\(version)"), which crashes when the slot of a blocked read "
                + "moves to another node; upgrade to 7.2.7 or later before you move slots")
    }

    /// One read takes all streams of a pattern, and one node has only those in its slots.
    private func refusal(of pattern: StreamPattern) -> ServerFinding {
        ServerFinding(
            severity: .unusable,
            message:
                "the server is a node of a cluster, where the streams of '\(pattern.text)' lie in different slots; "
                + "write redis+cluster:// in place of redis:// in 'url', or name them with one hash tag, such as "
                + "'{agents}.one'",
            code: .unsupported)
    }

    /// A cluster takes connections to each primary, and each consumer needs at least one more.
    private func connections() -> ServerFinding? {
        guard let primaries, maximumConnections <= ownConnections else { return nil }
        return ServerFinding(
            severity: .unusable,
            message: "'max-connections: \(maximumConnections)' is too few for a cluster of \(primaries) primaries: the "
                + "broker itself takes \(ownConnections), and each consumer one for each slot that it reads; raise it",
            code: .overloaded)
    }

    private func eviction(_ policy: String?) -> ServerFinding? {
        guard let policy else { return requiresNoEviction ? doubt : unknown("its maxmemory-policy") }
        if policy == "noeviction" { return nil }
        let fact = "maxmemory-policy is \(policy): a server that is full may evict streams and what belongs to them"
        return ServerFinding(
            severity: requiresNoEviction ? .unusable : .warning,
            message: "\(fact); set it to noeviction"
                + (requiresNoEviction ? ", which 'require.noeviction' asks for" : "")
        )
    }

    private var doubt: ServerFinding {
        ServerFinding(
            severity: .warning,
            message:
                "'require.noeviction' cannot be checked: the server tells its maxmemory-policy neither by INFO nor "
                + "by CONFIG GET")
    }

    private func clients(_ facts: ServerFacts) -> ServerFinding? {
        guard let most = facts.number("maxclients") else { return unknown("its maxclients") }
        guard most < maximumConnections else { return nil }
        return ServerFinding(
            severity: .warning,
            message: "the server takes \(most) clients in all (maxclients), this broker may open \(maximumConnections) "
                + "(max-connections)")
    }

    private func unknown(_ what: String) -> ServerFinding {
        ServerFinding(severity: .unknown, message: "the server does not say \(what)")
    }
}

/// One finding about a server.
struct ServerFinding: Sendable, Hashable {
    /// What follows from it. Closed by design.
    enum Severity: Sendable, Hashable {
        /// The server does not tell; logged at debug level.
        case unknown
        /// It works, but somebody should know.
        case warning
        /// It cannot work now and may work later: the consumer waits and checks again.
        case unready
        /// It cannot work until somebody changes something: the program ends.
        case unusable
    }

    let severity: Severity
    /// What was found and what to do, in one line.
    var message: String
    /// The code of the error, if the finding is one.
    var code = BrokerError.Code.server

    /// The error that a consumer gets; `nil` for a finding that is only logged.
    var error: BrokerError? {
        switch severity {
        case .unknown, .warning: nil
        case .unready: BrokerError(code, message, isRetryable: true)
        case .unusable: BrokerError(code, message)
        }
    }

    /// Logs the finding.
    func log(to logger: Logger, address: RedisURL) {
        let metadata: Logger.Metadata = ["broker.finding": "\(message)", LinkLoggingKeys.address: "\(address)"]
        switch severity {
        case .unknown: logger.debug("Not everything about the server can be known", metadata: metadata)
        case .warning: logger.warning("The server is not as it should be", metadata: metadata)
        case .unready, .unusable: logger.error("The server cannot be used", metadata: metadata)
        }
    }
}
