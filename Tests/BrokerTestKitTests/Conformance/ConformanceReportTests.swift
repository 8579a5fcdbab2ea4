// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import Testing

@Suite struct ConformanceReportTests {
    private let kept = ConformanceCheck("it works") { _ in }
    private let broken = ConformanceCheck("it fails") { _ in throw ConformanceFailure("no", file: "A.swift", line: 7) }
    private let needy = ConformanceCheck("it needs more", needs: .patterns, abilities: .purging) { _ in }

    private func report(_ checks: ConformanceCheck...) async -> ConformanceReport {
        let subject = ConformanceSubject("scripted") {
            ConformanceBackend(time: .virtual(VirtualTime()), provider: ScriptedProvider(capabilities: .ordered))
        }
        return await ConformanceSuite.run(subject, checks: checks)
    }

    @Test func printsAMatrixWithItsSkips() async {
        let text = await report(kept, broken, needy).description
        #expect(
            text == """
                scripted: 1 kept, 1 broken, 1 skipped
                  kept     it works
                  BROKEN   it fails
                           no (A.swift:7)
                  skipped  it needs more: needs patterns
                """)
    }

    @Test func aSkipMustBeListed() async throws {
        let report = await report(kept, needy)
        #expect(throws: ConformanceFailure.self) { try report.verify(skips: []) }
        try report.verify(skips: ["it needs more"])
    }

    @Test func aListedSkipMustHappen() async {
        let report = await report(kept)
        #expect(throws: ConformanceFailure.self) { try report.verify(skips: ["it works"]) }
    }

    @Test func aMissingAbilityIsNamed() async {
        let needy = ConformanceCheck("it counts", abilities: [.statistics, .history]) { _ in }
        let report = await report(needy)
        #expect(report.skipped.map(\.reason) == ["needs HistoryReading, StatisticsReporting"])
    }

    @Test func anyOtherErrorIsAFailure() async {
        let odd = ConformanceCheck("it throws") { _ in throw BrokerError(.server, "odd") }
        #expect(await report(odd).failed.map(\.check) == ["it throws"])
    }

    @Test func everyCheckHasANameOfItsOwn() {
        let names = ConformanceCheck.all.map(\.name)
        #expect(Set(names).count == names.count)
    }
}
