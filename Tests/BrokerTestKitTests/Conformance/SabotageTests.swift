// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit
import Testing

/// Every conformance check can fail: for each there is a broken provider that it catches.
@Suite struct SabotageTests {
    static let sabotages =
        Sabotage.publishing + Sabotage.deduplicating + Sabotage.receiving + Sabotage.settling + Sabotage.joining
        + Sabotage.inspecting
        + Sabotage.handling + Sabotage.replaying

    /// What a wrapper around a sound provider cannot break.
    static let unproven: Set<String> = ["a pattern leaves dead letters alone"]

    @Test(arguments: sabotages)
    func isCaught(_ sabotage: Sabotage) async throws {
        let checks = ConformanceCheck.all.filter { $0.name.contains(sabotage.caughtBy) }
        try #require(checks.count == 1, "\(sabotage.caughtBy) names \(checks.count) checks")
        let subject = ConformanceSubject("sabotaged") {
            let time = VirtualTime()
            return ConformanceBackend(time: .virtual(time), provider: SabotagedProvider(sabotage, clock: time.clock))
        }
        let report = await ConformanceSuite.run(subject, checks: checks)
        #expect(report.failed.count == 1, "\(sabotage) was not noticed")
    }

    @Test func everyCheckCanFail() {
        let unproven = ConformanceCheck.all.map(\.name).filter { name in
            !Self.sabotages.contains { name.contains($0.caughtBy) }
        }
        #expect(Set(unproven) == Self.unproven)
    }
}
