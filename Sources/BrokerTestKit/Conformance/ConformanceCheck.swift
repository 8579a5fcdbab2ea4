// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// A check of one promise that a provider makes.
public struct ConformanceCheck: Sendable {
    /// The promise as a sentence.
    public let name: String
    /// The capabilities that the check needs.
    public let needs: BrokerCapabilities
    /// The abilities that the check needs.
    public let abilities: ConformanceAbilities

    let body: @Sendable (ConformanceBench) async throws -> Void

    /// Makes a check. Its `body` throws a ``ConformanceFailure`` if the promise is not kept.
    public init(
        _ name: String, needs: BrokerCapabilities = [], abilities: ConformanceAbilities = [],
        _ body: @escaping @Sendable (ConformanceBench) async throws -> Void
    ) {
        self.name = name
        self.needs = needs
        self.abilities = abilities
        self.body = body
    }

    /// Returns why a provider is not checked; `nil` if it is.
    package func reasonToSkip(_ provider: any BrokerProvider) -> String? {
        let missing = needs.subtracting(provider.capabilities)
        if !missing.isEmpty { return "needs \(missing)" }
        let lacking = abilities.subtracting(ConformanceAbilities(of: provider))
        return lacking.isEmpty ? nil : "needs \(lacking)"
    }

    /// Every check that the kit has.
    public static let all: [ConformanceCheck] = ConformanceChapter.all.flatMap(\.checks)
}

/// The optional abilities of a provider, as far as checks need them.
public struct ConformanceAbilities: OptionSet, Sendable, CustomStringConvertible {
    /// The abilities as bits.
    public let rawValue: UInt8

    /// Makes abilities from bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `HistoryReading`.
    public static let history = ConformanceAbilities(rawValue: 1 << 0)
    /// `Purging`.
    public static let purging = ConformanceAbilities(rawValue: 1 << 1)
    /// `StatisticsReporting`.
    public static let statistics = ConformanceAbilities(rawValue: 1 << 2)
    /// `HealthReporting`.
    public static let health = ConformanceAbilities(rawValue: 1 << 3)
    /// `Replaying`.
    public static let replaying = ConformanceAbilities(rawValue: 1 << 4)
    /// `StreamDeleting`.
    public static let deleting = ConformanceAbilities(rawValue: 1 << 5)
    /// `ConsumerReporting`.
    public static let consumers = ConformanceAbilities(rawValue: 1 << 6)
    /// `EntryMoving`.
    public static let moving = ConformanceAbilities(rawValue: 1 << 7)

    /// `NewGroupReporting`.
    public static let newGroups = ConformanceAbilities(rawValue: 1 << 7)

    /// The abilities that `provider` has.
    public init(of provider: any BrokerProvider) {
        self = []
        if provider is any HistoryReading { insert(.history) }
        if provider is any Purging { insert(.purging) }
        if provider is any StatisticsReporting { insert(.statistics) }
        if provider is any HealthReporting { insert(.health) }
        if provider is any Replaying { insert(.replaying) }
        if provider is any StreamDeleting { insert(.deleting) }
        if provider is any ConsumerReporting { insert(.consumers) }
        if provider is any EntryMoving { insert(.moving) }
        if provider is any NewGroupReporting { insert(.newGroups) }
    }

    /// The names of the protocols, separated by commas.
    public var description: String {
        let names: [(ConformanceAbilities, String)] = [
            (.history, "HistoryReading"), (.purging, "Purging"), (.statistics, "StatisticsReporting"),
            (.health, "HealthReporting"), (.replaying, "Replaying"), (.deleting, "StreamDeleting"),
            (.consumers, "ConsumerReporting"), (.moving, "EntryMoving"), (.newGroups, "NewGroupReporting"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
