// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Checks by the facts of a server whether it can keep what the `durability` of streams asks for.
struct DurabilityCheck: Sendable {
    /// The oldest version that can say what is on disk (WAITAOF).
    private static let oldest = ServerVersion(7, 2)

    /// The declared streams.
    let streams: [StreamConfiguration]

    /// Returns the findings.
    func findings(_ facts: ServerFacts) -> [ServerFinding] {
        streams.flatMap { stream -> [ServerFinding] in
            guard let policy = stream.durability else { return [] }
            let name = stream.selection.text
            return [policy.fsync ? disk(name, facts) : nil, replicas(name, policy, facts)].compactMap { $0 }
        }
    }

    private func disk(_ name: String, _ facts: ServerFacts) -> ServerFinding? {
        if let version = facts.version, version < Self.oldest {
            return ServerFinding(
                severity: .unusable,
                message:
                    "'durability.fsync' of '\(name)' needs Redis \(Self.oldest) or Valkey (WAITAOF), and the server "
                    + "is Redis \(facts.name ?? version.description)",
                code: .unsupported)
        }
        guard facts.hasLog == false else { return nil }
        return ServerFinding(
            severity: .unusable,
            message: "'durability.fsync' of '\(name)' needs an append-only file, and the server has none: set its "
                + "appendonly to yes",
            code: .unsupported)
    }

    /// Replicas come and go, so too few of them are no reason to end.
    private func replicas(_ name: String, _ policy: DurabilityPolicy, _ facts: ServerFacts) -> ServerFinding? {
        guard let count = facts.replicas, count < policy.replicas else { return nil }
        return ServerFinding(
            severity: .warning,
            message:
                "'durability.replicas' of '\(name)' is \(policy.replicas), and the server has \(count): until it has "
                + "more, each publish waits \(policy.timeout.inWords) and fails with underReplicated")
    }
}
