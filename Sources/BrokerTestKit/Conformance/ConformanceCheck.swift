// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// One promise of the seam, and how to find out whether a provider keeps it.
public struct ConformanceCheck: Sendable {
    /// The promise as a sentence.
    public let name: String
    /// The capabilities without which there is nothing to check.
    public let needs: BrokerCapabilities
    /// The optional protocols without which there is nothing to check.
    public let abilities: ConformanceAbilities

    let body: @Sendable (ConformanceBench) async throws -> Void

    /// Makes a check; `body` throws a ``ConformanceFailure`` when the promise is not kept.
    public init(
        _ name: String, needs: BrokerCapabilities = [], abilities: ConformanceAbilities = [],
        _ body: @escaping @Sendable (ConformanceBench) async throws -> Void
    ) {
        self.name = name
        self.needs = needs
        self.abilities = abilities
        self.body = body
    }

    /// Why a provider is not checked; `nil` when it is.
    package func reasonToSkip(_ provider: any BrokerProvider) -> String? {
        let missing = needs.subtracting(provider.capabilities)
        if !missing.isEmpty { return "needs \(missing)" }
        let lacking = abilities.subtracting(ConformanceAbilities(of: provider))
        return lacking.isEmpty ? nil : "needs \(lacking)"
    }

    /// Every check that the kit has.
    public static let all: [ConformanceCheck] = ConformanceChapter.all.flatMap(\.checks)
}
